import DurableExecution
import Logging
import Pipeline
import StatesLanguage
import TestSupport
import Testing

@testable import millrace

@Suite struct IntegrationsTests {
    @Test func `every integration that validate knows has its handler, and no other`() throws {
        let directory = try TemporaryDirectory()
        var settings = Settings()
        settings.home = directory.file("home")
        let service = try MillraceService(
            settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        defer { try? service.close() }
        #expect(Set(service.engine.resources.integrations) == Set(Integrations.all))
        #expect(service.engine.resources.others == [LambdaTask.functionARNs])
    }

    @Test func `connections are read from the file, and a fault is named`() throws {
        let directory = try TemporaryDirectory()
        let home = directory.file("home")
        #expect(try Settings.connections(inHome: home).isEmpty)
        try directory.write(#"{"connections": [{"Name": "shop"}]}"#, to: "home/config.json")
        #expect(try Settings.connections(inHome: home).map(\.name) == ["shop"])
        try directory.write(#"{"connections": [{"Name": "shop"}, {}]}"#, to: "home/config.json")
        let fault = #expect(throws: CommandError.self) { try Settings.connections(inHome: home) }
        #expect(fault?.message.contains("connections[1]") == true)
        #expect(fault?.message.contains("Name is missing") == true)
    }
}
