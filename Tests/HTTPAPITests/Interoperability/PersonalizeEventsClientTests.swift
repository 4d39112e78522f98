import TestSupport
import Testing

/// AWS's own client puts events, items and users, trains from nothing else and is recommended what follows from them.
@Suite(.enabled(if: Python.hasBoto3)) struct PersonalizeEventsClientTests {
    private static func run(_ program: String) async throws -> Python.Output {
        try await withPersonalize { port, _ in try await Python.run(preparation + program, port: port) }
    }

    private static let preparation = #"""
        import time
        def active(describe, member, arn):
            while True:
                found = describe(**{member + "Arn": arn})[member]
                if found["status"] == "ACTIVE": return arn
                assert "FAILED" not in found["status"], found
                time.sleep(0.02)
        group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
        active(personalize.describe_dataset_group, "datasetGroup", group)
        def dataset(kind, fields):
            avro = {"type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema",
                    "fields": fields, "version": "1.0"}
            schema = personalize.create_schema(name=kind, schema=json.dumps(avro))["schemaArn"]
            arn = personalize.create_dataset(name=kind, schemaArn=schema, datasetGroupArn=group, datasetType=kind)
            return active(personalize.describe_dataset, "dataset", arn["datasetArn"])
        dataset("Interactions", [
            {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"}, {"name": "EVENT_TYPE", "type": "string"}])
        items = dataset("Items", [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "MAIN_GENRE", "type": ["null", "string"], "categorical": True}])
        users = dataset("Users", [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": ["null", "int"]}])
        tracker = personalize.create_event_tracker(name="clicks", datasetGroupArn=group)
        active(personalize.describe_event_tracker, "eventTracker", tracker["eventTrackerArn"])
        def watch(user, *items):
            events.put_events(trackingId=tracker["trackingId"], userId=user, sessionId="s-" + user, eventList=[
                {"eventType": "watch", "itemId": item, "sentAt": time.time()} for item in items])

        """#

    @Test func `what boto3 puts is trained from and changes the next recommendation`() async throws {
        let output = try await Self.run(
            #"""
            for user in range(8):
                watch("u%d" % user, *["i%d" % item for item in range(10) if item != user])
            events.put_items(datasetArn=items, items=[
                {"itemId": "i%d" % item, "properties": json.dumps({"mainGenre": ["drama", "war"][item % 2]})}
                for item in range(10)])
            recipe = "arn:aws:personalize:::recipe/aws-user-personalization"
            solution = personalize.create_solution(name="own", datasetGroupArn=group, recipeArn=recipe, solutionConfig={
                "algorithmHyperParameters": {"hidden_dimension": "2"}})["solutionArn"]
            active(personalize.describe_solution, "solution", solution)
            version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
            active(personalize.describe_solution_version, "solutionVersion", version)
            campaign = personalize.create_campaign(name="own", solutionVersionArn=version)["campaignArn"]
            active(personalize.describe_campaign, "campaign", campaign)
            wars = personalize.create_filter(name="wars", datasetGroupArn=group,
                filterExpression='INCLUDE ItemID WHERE Items.MAIN_GENRE IN ("war") IF CurrentUser.AGE > 17')["filterArn"]
            active(personalize.describe_filter, "filter", wars)
            def recommended(user, **more):
                found = runtime.get_recommendations(campaignArn=campaign, userId=user, **more)["itemList"]
                return sorted(item["itemId"] for item in found)
            assert recommended("u3") == ["i3"], recommended("u3")
            watch("u3", "i3")
            assert recommended("u3") == [], recommended("u3")
            watch("new", "i0", "i1", "i2")
            left = ["i%d" % item for item in range(3, 10)]
            assert recommended("new") == left, recommended("new")
            assert recommended("new", filterArn=wars) == left
            events.put_users(datasetArn=users, users=[{"userId": "new", "properties": '{"age": 30}'}])
            assert recommended("new", filterArn=wars) == ["i3", "i5", "i7", "i9"]
            events.put_items(datasetArn=items, items=[{"itemId": "i5", "properties": '{"mainGenre": "drama"}'}])
            assert recommended("new", filterArn=wars) == ["i3", "i7", "i9"]
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `boto3 gets the exceptions of the events API`() async throws {
        let output = try await Self.run(
            #"""
            def fails(exception, status, call, **arguments):
                try: call(**arguments)
                except exception as error:
                    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
                    return error.response["Error"]["Message"]
                raise AssertionError(exception)
            known = events.exceptions
            event = {"eventType": "watch", "itemId": "i", "sentAt": 1}
            ours = {"trackingId": tracker["trackingId"], "sessionId": "s"}
            fails(known.InvalidInputException, 400, events.put_events, trackingId="none", sessionId="s", eventList=[event])
            text = fails(known.InvalidInputException, 400, events.put_events, eventList=[event] * 11, **ours)
            assert "'eventList' failed to satisfy constraint" in text, text
            long = dict(event, itemId="i" * 257)
            text = fails(known.InvalidInputException, 400, events.put_events, eventList=[long], **ours)
            assert "'eventList.1.member.itemId'" in text and "iii" not in text, text
            missing = items.replace("films", "none")
            fails(known.ResourceNotFoundException, 404, events.put_items, datasetArn=missing, items=[{"itemId": "i"}])
            fails(known.InvalidInputException, 400, events.put_users, datasetArn=items, users=[{"userId": "u"}])
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `boto3 puts actions and what users do with them`() async throws {
        let output = try await Self.run(
            #"""
            actions = dataset("Actions", [
                {"name": "ACTION_ID", "type": "string"}, {"name": "VALUE", "type": ["null", "long"]}])
            dataset("Action_Interactions", [
                {"name": "USER_ID", "type": "string"}, {"name": "ACTION_ID", "type": "string"},
                {"name": "EVENT_TYPE", "type": "string"}, {"name": "TIMESTAMP", "type": "long"}])
            events.put_actions(datasetArn=actions, actions=[{"actionId": "a", "properties": '{"value": 3}'}])
            events.put_action_interactions(trackingId=tracker["trackingId"], actionInteractions=[
                {"actionId": "a", "userId": "u", "sessionId": "s", "timestamp": time.time(), "eventType": "taken"}])
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }
}
