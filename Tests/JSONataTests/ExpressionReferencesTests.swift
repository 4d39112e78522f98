import JSON
import Testing

@testable import JSONata

@Suite struct ExpressionReferencesTests {
    @Test(arguments: [
        ("$states.input.id & $name", ["states", "name"]),
        ("($x := 1; $y := $x + $z; $y)", ["z"]),
        ("$map($items, function($v, $i) { $v + $i + $offset })", ["items", "offset"]),
        ("($f := function($n) { $n = 0 ? 0 : $f($n - 1) }; $f(3))", []),
        ("($x := $x + 1; $x)", ["x"]),
        ("(($x := 1); $x)", ["x"]),
        ("orders@$o.lines#$i[$i < $limit].{ 'o': $o.id, 'i': $i }", ["limit"]),
        ("[$a, {'b': $b}, $c ? $d : $e, $f ~> $sum, -$g, |$|{'h': $h}, $i|]", Array("abcdefghi").map(String.init)),
        ("lines^(>$weight * price){$kind: $sum(price)}", ["weight", "kind"]),
        ("$sum($n) + $sum($n)", ["n"]),
    ]) func `free variables are those that come from outside`(_ source: String, _ names: [String]) throws {
        let expression = try Expression(source)
        #expect(expression.freeVariables() == names)
    }

    @Test func `what the library has is not free`() throws {
        let expression = try Expression("$uuid() & $eval('1') & $string(1)")
        #expect(expression.freeVariables() == ["uuid"])
        #expect(expression.freeVariables(library: .stepFunctions) == ["eval"])
    }

    @Test func `a reference names the field that is taken, and its place`() throws {
        let expression = try Expression("$states.result.id & $states[0].input & $string($states)")
        let references = expression.variableReferences().filter { $0.name == "states" }
        #expect(references.map(\.member) == ["result", "input", nil])
        #expect(references.map(\.position) == [0, 20, 47])
    }

    @Test func `a look at the input has a name`() throws {
        let names = try Expression("`a b` + $.c + $x[$$.d] + * + **").inputReferences.map(\.name)
        #expect(names == ["a b", "$", "$$", "*", "**"])
    }

    @Test(arguments: [
        ("$states.input.(id + 1)", 0), ("id", 1), ("$", 1), ("$x.id[$ > 1]", 0), ("$sum($$.a) + b.c.d", 2),
        ("$map($x, function($v) { $v.a })", 0), ("{'a': $x[b = 1], 'c': *}", 1),
    ]) func `looks at the input are counted`(_ source: String, _ count: Int) throws {
        #expect(try Expression(source).inputReferences.count == count)
    }
}
