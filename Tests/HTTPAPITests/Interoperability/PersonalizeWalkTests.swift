import Testing

/// AWS's own client calls every operation of Personalize, its runtime and its events API, and its own model judges
/// every answer.
@Suite(.enabled(if: Python.hasBoto3)) struct PersonalizeWalkTests {
    /// The operations that are not offered yet; one that begins to work, or ceases to, fails the walk.
    static let gaps = [
        "CreateBatchInferenceJob", "CreateBatchSegmentJob", "CreateDataDeletionJob", "CreateDatasetExportJob",
        "CreateRecommender", "DeleteRecommender", "DescribeAlgorithm", "DescribeBatchInferenceJob",
        "DescribeBatchSegmentJob", "DescribeDataDeletionJob", "DescribeDatasetExportJob",
        "DescribeFeatureTransformation", "DescribeRecommender", "GetActionRecommendations", "StartRecommender",
        "StopRecommender", "UpdateDataset", "UpdateRecommender", "UpdateSolution",
    ]

    @Test(arguments: [true, false])
    func `every operation is called, and every answer has the model's shape`(isValidatedByClient: Bool) async throws {
        let gaps = Self.gaps.map { "\"\($0)\"" }.joined(separator: ", ")
        let output = try await withPersonalize { port, bucket in
            let settings = """
                gaps, bucket = {\(gaps)}, "\(bucket)"
                config = config.merge(Config(parameter_validation=\(isValidatedByClient ? "True" : "False")))
                personalize, runtime = client("personalize"), client("personalize-runtime")
                events = client("personalize-events")

                """
            let program = settings + ModelChecks.program + PersonalizeWalk.preparation + PersonalizeWalk.steps
            return try await Python.run(program + PersonalizeWalk.end, port: port)
        }
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `a request without its members is told of every one of them`() async throws {
        let output = try await withPersonalize { port, _ in
            let settings = """
                config = config.merge(Config(parameter_validation=False))
                personalize, runtime = client("personalize"), client("personalize-runtime")
                events = client("personalize-events")

                """
            return try await Python.run(settings + ModelChecks.program + Self.emptyRequests, port: port)
        }
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `ten megabytes of events are refused, and the next event is taken`() async throws {
        let output = try await withPersonalize { port, bucket in
            let settings = "bucket = \"\(bucket)\"\n"
            let program = settings + ModelChecks.program + PersonalizeWalk.preparation + Self.largeRequests
            return try await Python.run(program, port: port)
        }
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    private static let largeRequests = #"""
        group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
        settled("DatasetGroup", group)
        dataset(group, "Interactions", schema("seen", "Interactions", *keys))
        tracker = personalize.create_event_tracker(name="clicks", datasetGroupArn=group)
        settled("EventTracker", tracker["eventTrackerArn"])
        def put_event(**members):
            event = {"eventType": "watch", "itemId": "i", "sentAt": 1, **members}
            events.put_events(trackingId=tracker["trackingId"], sessionId="s", eventList=[event])
        for size in (10 << 20, 3 << 20):
            try: put_event(properties=json.dumps({"x": "y" * size}))
            except events.exceptions.InvalidInputException as error:
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error.response
                assert len(str(error)) < 1000, len(str(error))
            else: raise AssertionError(size)
        put_event()
        """#

    private static let emptyRequests = #"""
        from botocore import xform_name
        count = 0
        for one in (personalize, runtime, events):
            judge(one)
            for name in one.meta.service_model.operation_names:
                required = one.meta.service_model.operation_model(name).input_shape.required_members
                if not required: continue
                try: getattr(one, xform_name(name))()
                except one.exceptions.ClientError as error:
                    error = error.response["Error"]
                    if error["Code"] == "UnknownOperationException": continue
                    count += 1
                    assert error["Code"] == "InvalidInputException", (name, error)
                    plural = "" if len(required) == 1 else "s"
                    wanted = f"{len(required)} validation error{plural} detected: " + "; ".join(
                        f"Value null at '{member}' failed to satisfy constraint: Member must not be null"
                        for member in required)
                    assert sorted(error["Message"].split("; ")) == sorted(wanted.split("; ")) or all(
                        part in error["Message"] for part in wanted.split("; ")), (name, error, wanted)
                else: raise AssertionError(name)
        assert count > 40, count
        assert not faults, "\n".join(faults)
        """#
}
