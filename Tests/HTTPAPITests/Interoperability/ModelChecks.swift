/// What lets a client's own model judge every answer that it gets.
enum ModelChecks {
    /// The beginning of a program: after `judge(client)`, `called` holds the operations that were answered and `faults`
    /// what of their raw answers the model does not know: members too many or missing, types, lengths, patterns.
    static let program = #"""
        import re
        called, faults = set(), []

        def check(value, shape, path):
            kind = shape.type_name
            def fault(text): faults.append(f"{path}: {text}: {value!r}"[:300])
            if kind == "structure":
                if not isinstance(value, dict): return fault("no object")
                for name in value:
                    if name not in shape.members: fault(f"unknown member {name}")
                    else: check(value[name], shape.members[name], f"{path}.{name}")
                for name in shape.required_members:
                    if value.get(name) is None: fault(f"{name} is missing")
            elif kind == "list":
                if not isinstance(value, list): return fault("no list")
                for index, element in enumerate(value): check(element, shape.member, f"{path}[{index}]")
            elif kind == "map":
                if not isinstance(value, dict): return fault("no map")
                for name, element in value.items(): check(element, shape.value, f"{path}.{name}")
            elif kind == "string":
                if not isinstance(value, str): return fault("no text")
                if shape.enum and value not in shape.enum: fault(f"none of {shape.enum}")
                bounds, pattern = shape.metadata, shape.metadata.get("pattern", "")
                if not bounds.get("min", 0) <= len(value) <= bounds.get("max", len(value)): fault("wrong length")
                # Python's expressions know no \p{…}; the model says of an import's role that it is of Personalize.
                if "\\p{" in pattern or path.endswith(".roleArn"): return
                if pattern and not re.search(pattern, value): fault(f"not as {pattern}")
            elif kind == "boolean":
                if not isinstance(value, bool): fault("no boolean")
            elif kind in ("integer", "long"):
                if not isinstance(value, int) or isinstance(value, bool): fault("no whole number")
            elif kind in ("timestamp", "float", "double"):
                if not isinstance(value, (int, float)) or isinstance(value, bool): fault("no number")
            else: fault(f"unknown kind {kind}")

        def judge(client, *more):
            def answered(http_response, model, **_):
                body = json.loads(http_response.content or b"{}")
                if http_response.status_code == 200:
                    called.add(model.name)
                    shape = model.output_shape
                    if shape is not None: return check(body, shape, model.name)
                    return body and faults.append(f"{model.name}: nothing was to be answered: {body}")
                known = {shape.name for shape in model.error_shapes} | {"UnknownOperationException"} | set(more)
                if body["__type"] not in known: faults.append(f"{model.name}: unknown error {body}")
            client.meta.events.register("after-call." + client.meta.service_model.service_id.hyphenize(), answered)

        """#
}
