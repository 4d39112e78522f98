import TestSupport
import Testing

/// AWS's own client makes recommenders of a domain, and its own model judges the answers.
@Suite(.enabled(if: Python.hasBoto3)) struct RecommenderClientTests {
    private static func run(_ program: String) async throws -> Python.Output {
        try await withPersonalize { port, _ in try await Python.run(checks + program, port: port) }
    }

    /// Looks at each raw answer for members that the client's model does not know, or of another type.
    private static let checks = #"""
        import time
        faults = []
        plain = {"string": str, "boolean": bool, "integer": int, "long": int, "timestamp": (int, float),
                 "double": (int, float), "float": (int, float)}

        def check(value, shape, path):
            kind = shape.type_name
            if kind == "structure":
                for name in value:
                    if name not in shape.members: faults.append(f"{path}: unknown member {name}")
                    else: check(value[name], shape.members[name], f"{path}.{name}")
            elif kind == "list":
                for index, element in enumerate(value): check(element, shape.member, f"{path}[{index}]")
            elif kind == "map":
                for name, element in value.items(): check(element, shape.value, f"{path}.{name}")
            elif not isinstance(value, plain[kind]): faults.append(f"{path}: {value!r} is no {kind}")

        def answered(http_response, model, **_):
            if http_response.status_code == 200 and model.output_shape is not None:
                check(json.loads(http_response.content or b"{}"), model.output_shape, model.name)

        personalize.meta.events.register("after-call.personalize", answered)
        runtime.meta.events.register("after-call.personalize-runtime", answered)

        def settled(describe, member, arn, status="ACTIVE"):
            while True:
                found = describe(**{member + "Arn": arn})[member]
                update = found.get("latestRecommenderUpdate", found.get("latestSolutionUpdate", found))
                if found["status"] == status and update["status"] in ("ACTIVE", status): return found
                assert "FAILED" not in found["status"], found
                time.sleep(0.02)

        """#

    @Test func `boto3 makes a recommender, asks it, updates, stops and starts it`() async throws {
        let output = try await Self.run(
            #"""
            group = personalize.create_dataset_group(name="shop", domain="ECOMMERCE")["datasetGroupArn"]
            settled(personalize.describe_dataset_group, "datasetGroup", group)
            def dataset(kind, fields):
                avro = {"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema",
                        "fields": fields, "version": "1.0"}
                schema = personalize.create_schema(name=kind, schema=json.dumps(avro), domain="ECOMMERCE")["schemaArn"]
                arn = personalize.create_dataset(name=kind, schemaArn=schema, datasetGroupArn=group, datasetType=kind)
                return settled(personalize.describe_dataset, "dataset", arn["datasetArn"])["datasetArn"]
            dataset("Interactions", [
                {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
                {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}])
            items = dataset("Items", [
                {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": "float"},
                {"name": "CATEGORY_L1", "type": "string", "categorical": True}])
            tracker = personalize.create_event_tracker(name="clicks", datasetGroupArn=group)
            settled(personalize.describe_event_tracker, "eventTracker", tracker["eventTrackerArn"])
            def put(user, kind, *items):
                events.put_events(trackingId=tracker["trackingId"], userId=user, sessionId="s-" + user, eventList=[
                    {"eventType": kind, "itemId": item, "sentAt": time.time()} for item in items])
            for user in range(8):
                put("u%d" % user, "View", *["i%d" % item for item in range(10) if item != user])
                put("u%d" % user, "Purchase", "i8", "i9")
            recipes = personalize.list_recipes(domain="ECOMMERCE", recipeProvider="SERVICE")["recipes"]
            assert len(recipes) == 5 and all(r["domain"] == "ECOMMERCE" for r in recipes), recipes
            recipe = "arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you"
            described = personalize.describe_recipe(recipeArn=recipe)["recipe"]
            algorithm = personalize.describe_algorithm(algorithmArn=described["algorithmArn"])["algorithm"]
            assert algorithm["defaultHyperParameters"], algorithm
            personalize.describe_feature_transformation(
                featureTransformationArn=described["featureTransformationArn"])
            arn = personalize.create_recommender(name="mine", datasetGroupArn=group, recipeArn=recipe,
                recommenderConfig={"enableMetadataWithRecommendations": True})["recommenderArn"]
            found = settled(personalize.describe_recommender, "recommender", arn)
            assert "coverage" in found["modelMetrics"], found
            assert found["recommenderConfig"]["itemExplorationConfig"]["explorationWeight"] == "0.3", found
            def recommended(user, **more):
                answer = runtime.get_recommendations(recommenderArn=arn, userId=user, **more)
                assert all("score" not in item for item in answer["itemList"]), answer
                return sorted(item["itemId"] for item in answer["itemList"])
            assert recommended("u3") == ["i%d" % item for item in range(8)], recommended("u3")
            put("u3", "Purchase", "i0")
            assert recommended("u3") == ["i%d" % item for item in range(1, 8)], recommended("u3")
            personalize.update_recommender(recommenderArn=arn, recommenderConfig={
                "trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["PRICE"]}}})
            assert recommended("u3")
            found = settled(personalize.describe_recommender, "recommender", arn)
            assert found["latestRecommenderUpdate"]["status"] == "ACTIVE", found
            assert [r["name"] for r in personalize.list_recommenders(datasetGroupArn=group)["recommenders"]] == ["mine"]
            personalize.stop_recommender(recommenderArn=arn)
            settled(personalize.describe_recommender, "recommender", arn, "INACTIVE")
            try: recommended("u3")
            except runtime.exceptions.InvalidInputException: pass
            else: raise AssertionError("a stopped recommender answers")
            personalize.start_recommender(recommenderArn=arn)
            settled(personalize.describe_recommender, "recommender", arn)
            assert recommended("u3")
            personalize.delete_recommender(recommenderArn=arn)
            assert not faults, faults
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `boto3 updates a solution`() async throws {
        let output = try await Self.run(
            #"""
            group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
            settled(personalize.describe_dataset_group, "datasetGroup", group)
            solution = personalize.create_solution(name="hot", datasetGroupArn=group, performAutoTraining=False,
                recipeArn="arn:aws:personalize:::recipe/aws-popularity-count")["solutionArn"]
            settled(personalize.describe_solution, "solution", solution)
            personalize.update_solution(solutionArn=solution, performAutoTraining=True, solutionUpdateConfig={
                "autoTrainingConfig": {"schedulingExpression": "rate(5 days)"}})
            found = settled(personalize.describe_solution, "solution", solution)
            assert found["performAutoTraining"] is True, found
            assert found["solutionConfig"]["autoTrainingConfig"]["schedulingExpression"] == "rate(5 days)", found
            assert not faults, faults
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }
}
