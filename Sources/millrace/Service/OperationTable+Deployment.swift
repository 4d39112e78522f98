import Bucket
import Foundation
import HTTPAPI
import JSON
import Pipeline

extension OperationTable {
    /// Planning and applying configurations.
    ///
    /// - Parameter service: The service that does it.
    mutating func addDeployment(_ service: MillraceService) {
        self["PlanDeployment"] = { input in
            let wish = try DeploymentWish(input, service)
            return try await wish.checked { try await service.launcher.plan(wish.run, content: wish.content).json }
        }
        self["ApplyDeployment"] = { input in
            let wish = try DeploymentWish(input, service)
            return try await wish.checked {
                let application = try await service.launcher.apply(wish.run, content: wish.content)
                var answer = application.plan.json
                answer["executionArn"] = application.executionARN.map(JSON.string)
                return answer
            }
        }
        let export = ConfigurationExport(
            personalize: service.personalize,
            scheduler: service.scheduler,
            region: service.settings.region,
            account: service.settings.account
        )
        self["ExportConfiguration"] = { input in
            let name = input["name"]?.string ?? ""
            let word = input["shape"]?.string ?? ConfigurationShape.mpe.rawValue
            guard let shape = ConfigurationShape(rawValue: word) else {
                let known = ConfigurationShape.allCases.map(\.rawValue).joined(separator: ", ")
                throw WireError("ValidationException", "shape \"\(word)\" is not known; there are \(known)")
            }
            guard let configuration = try await export.configuration(of: name) else {
                throw WireError("ResourceNotFoundException", "dataset group \"\(name)\" does not exist")
            }
            let written = configuration.written(as: shape)
            return ["configuration": written.json, "remarks": .array(written.remarks.map(JSON.string))]
        }
    }
}

/// What `PlanDeployment` and `ApplyDeployment` are asked.
private struct DeploymentWish {
    let run: PipelineRun
    let content: [UInt8]

    init(_ input: JSON, _ service: MillraceService) throws {
        guard let bucket = input["bucket"]?.string, let key = input["key"]?.string else {
            throw WireError("ValidationException", "bucket and key are missing; they say where the configuration lies")
        }
        guard ConfigurationFile.isConfiguration(key) else {
            throw WireError(
                "ValidationException",
                "key \"\(key)\" is not that of a configuration: name it params.json, or put it below train/ as .json"
            )
        }
        run = PipelineRun(
            bucket: bucket,
            key: key,
            date: service.surroundings.now(),
            suffix: "apply_" + String(service.surroundings.makeID().uuidString.prefix(8)).lowercased(),
            mode: .full,
            cause: .apply
        )
        do throws(BucketError) {
            let bucket = try service.buckets.bucket(named: bucket)
            if let text = input["content"]?.string {
                content = Array(text.utf8)
            } else {
                content = try bucket.read(key)
            }
        } catch {
            throw WireError("ValidationException", error.description)
        }
    }

    /// Does the work; what is wrong with the configuration is told with all its faults.
    func checked(_ work: () async throws -> JSON) async throws -> JSON {
        do {
            return try await work()
        } catch let error as ConfigurationError {
            let place = "s3://\(run.bucket)/\(run.key)"
            throw WireError("ValidationException", "\(place) is not valid:\n\(error)")
        } catch let error as GroupBusy {
            throw WireError("ResourceInUseException", error.description)
        }
    }
}
