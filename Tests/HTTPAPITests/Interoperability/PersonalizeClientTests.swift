import FoundationEssentials
import HTTPAPI
import JSON
import Logging
import Personalize
import SQLiteStore
import TestSupport
import Testing

/// AWS's own client reaches the recommender service's table of operations; its training has tests of its own.
@Suite(.enabled(if: Python.hasBoto3)) struct PersonalizeClientTests {
    private struct NoObjects: ObjectSource {
        func files(at location: String, suffix: String) throws -> [String] { [] }
        func writablePath(of location: String) throws -> String { throw CancellationError() }
    }

    private static func run(_ program: String) async throws -> Python.Output {
        let home = try TemporaryDirectory()
        let service = try PersonalizeService(
            store: try SQLiteStore.inMemory(),
            objects: NoObjects(),
            home: home.path,
            now: { Date() },
            makeID: { UUID() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        var millrace = OperationTable(service: "Millrace", protocol: .json11)
        millrace.addRecommender(service)
        let operations = [OperationTable.personalize(service), millrace]
        return try await withServer(operations: operations, routes: RESTRoute.runtime(service.runtime)) { port in
            try await Python.run(program, port: port)
        }
    }

    @Test func `boto3 creates, describes, lists and deletes`() async throws {
        let output = try await Self.run(
            #"""
            group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
            described = personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]
            assert described["status"] == "CREATE PENDING", described
            assert described["creationDateTime"].year >= 2024, described
            assert [g["name"] for g in personalize.list_dataset_groups()["datasetGroups"]] == ["films"]
            fields = [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
                      {"name": "TIMESTAMP", "type": "long"}]
            avro = {"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema",
                    "fields": fields, "version": "1.0"}
            schema = personalize.create_schema(name="films", schema=json.dumps(avro))["schemaArn"]
            assert json.loads(personalize.describe_schema(schemaArn=schema)["schema"]["schema"]) == avro
            personalize.delete_schema(schemaArn=schema)
            recipes = personalize.list_recipes()["recipes"]
            assert "aws-sims" in [recipe["name"] for recipe in recipes], recipes
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }

    @Test func `boto3 gets the exceptions of the service`() async throws {
        let output = try await Self.run(
            #"""
            def fails(exception, status, call, **arguments):
                try: call(**arguments)
                except exception as error:
                    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
                    return
                raise AssertionError(exception)
            missing = "arn:aws:personalize:us-east-1:000000000000:campaign/missing"
            known = personalize.exceptions
            personalize.create_dataset_group(name="films")
            fails(known.ResourceAlreadyExistsException, 400, personalize.create_dataset_group, name="films")
            fails(known.InvalidInputException, 400, personalize.create_dataset_group, name="no spaces allowed")
            fails(known.ResourceNotFoundException, 400, personalize.describe_campaign, campaignArn=missing)
            fails(runtime.exceptions.ResourceNotFoundException, 404, runtime.get_recommendations,
                  campaignArn=missing, userId="1")
            fails(runtime.exceptions.InvalidInputException, 400, runtime.get_personalized_ranking,
                  campaignArn="nonsense", userId="1", inputList=["1"])
            """#
        )
        #expect(output.exitCode == 0, "\(output.standardError)")
    }
}
