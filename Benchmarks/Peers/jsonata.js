// Evaluates the cases of a file with the reference implementation and prints microseconds an evaluation, in order.
// Usage: node jsonata.js REFERENCE CASES SECONDS
const fs = require("fs");
const vm = require("vm");

const [, , reference, cases, seconds] = process.argv;
const context = vm.createContext({ console, Intl, URL });
vm.runInContext(fs.readFileSync(reference, "utf8"), context);

function measure(expression, data) {
  const evaluate = (count) => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) expression.evaluate(data);
    return Number(process.hrtime.bigint() - start) / 1000;
  };
  let count = 1;
  while (evaluate(count) < 50000) count *= 2; // Warm: V8 has compiled what is hot.
  const rounds = [];
  const end = Date.now() + seconds * 1000;
  do rounds.push(evaluate(count) / count);
  while (Date.now() < end);
  rounds.sort((a, b) => a - b);
  return rounds[rounds.length >> 1];
}

const results = JSON.parse(fs.readFileSync(cases, "utf8")).map(({ expression, data }) =>
  measure(context.jsonata(expression), data)
);
console.log(JSON.stringify(results));
