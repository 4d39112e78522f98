import Foundation
import TestSupport

/// Data and configurations for whole runs.
enum Example {
    /// The repository's root.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The example that comes with the program.
    static var folder: URL { root.appending(path: "example") }

    /// Copies the example's data, without its configuration, into a bucket.
    static func copyData(to bucket: String) throws {
        for name in ["Users", "Items", "Interactions"] {
            try run("/bin/cp", "-r", folder.appending(path: name).path, bucket)
        }
    }

    /// Interactions of two tastes: even users like even items, odd users odd ones.
    static func interactions(users: Int = 60, items: Int = 40) -> String {
        var lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
        for user in 0..<users {
            for item in 0..<items where item % 2 == user % 2 && (item * 7 + user * 3) % 11 != 0 {
                lines.append("\(user),i\(item),\(1_700_000_000 + user * 1000 + item)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func items(_ count: Int = 40) -> String {
        let lines = (0..<count).map { "i\($0),\"Film \($0), the first\"" }
        return (["ITEM_ID,TITLE"] + lines).joined(separator: "\n") + "\n"
    }

    private static let interactionsSchema = """
        {"type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema", "fields": [
          {"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
          {"name": "TIMESTAMP", "type": "long"}], "version": "1.0"}
        """

    /// The older shape of the sample: one solution, one campaign.
    static func oneSolution(group: String = "small", more: String = "") -> String {
        """
        {
          "datasetGroup": {"name": "\(group)"},
          "datasets": {"Interactions": {"name": "\(group)-interactions", "schema": \(interactionsSchema)}},
          "solution": {"name": "\(group)-solution", "recipeArn": "arn:aws:personalize:::recipe/aws-popularity-count"},
          "campaign": {"name": "\(group)-campaign", "minProvisionedTPS": 1}\(more)
        }
        """
    }

    /// The newer shape: several solutions, items with titles.
    static func severalSolutions(group: String = "small", more: String = "") -> String {
        """
        {
          "datasetGroup": {"name": "\(group)"},
          "datasets": {
            "Interactions": {"name": "\(group)-interactions", "schema": \(interactionsSchema)},
            "Items": {"name": "\(group)-items", "schema": {"type": "record", "name": "Items",
              "namespace": "com.amazonaws.personalize.schema", "fields": [
              {"name": "ITEM_ID", "type": "string"}, {"name": "TITLE", "type": ["null", "string"]}],
              "version": "1.0"}}
          },
          "solutions": {
            "userPersonalization": {"name": "\(group)-user-personalization",
              "recipeArn": "arn:aws:personalize:::recipe/aws-user-personalization"},
            "sims": {"name": "\(group)-sims", "recipeArn": "arn:aws:personalize:::recipe/aws-sims"}
          },
          "campaigns": {
            "userPersonalizationCampaign": {"name": "\(group)-user-personalization", "minProvisionedTPS": 1},
            "simsCampaign": {"name": "\(group)-sims", "minProvisionedTPS": 1}
          },
          "eventTracker": {"name": "\(group)-tracker"},
          "filters": [{"name": "\(group)-unseen",
            "filterExpression": "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\\"*\\")"}]\(more)
        }
        """
    }
}

/// Runs a program to its end.
///
/// - Returns: What it wrote to standard output.
/// - Throws: `ProgramError` with its standard error when it exits with anything but 0.
@discardableResult
func run(_ program: String, _ arguments: String..., environment: [String: String] = [:]) throws -> String {
    try run(program, arguments, environment: environment)
}

/// Runs a program to its end, as above.
@discardableResult
func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Programs of these tests write little to standard error, so reading one after the other cannot block them.
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw ProgramError(program: program, status: process.terminationStatus, complaint: complaint)
    }
    return text
}

struct ProgramError: Error {
    let program: String
    let status: Int32
    let complaint: String
}
