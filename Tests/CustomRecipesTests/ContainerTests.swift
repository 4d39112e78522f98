import ChildProcesses
import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

@testable import CustomRecipes

@Suite struct ContainerTests {
    private let image = """
        {"type": "USER_PERSONALIZATION", "image": "registry.example/svd:1", "memoryMegabytes": 512,
         "environment": {"THREADS": "2"}}
        """

    @Test func `an image without a container engine fails with what to do`() async throws {
        let bench = try RecipeWorkbench(path: "/nowhere")
        try bench.directory.write(image, to: "recipes/boxed/recipe.json")
        try await bench.running {
            try await bench.prepareFilms()
            let version = try await bench.train("boxed", recipe: "boxed")
            #expect(version.status == .createFailed)
            let told = try await bench.failureReason("SolutionVersion", version.arn)
            #expect(
                told.contains("neither podman nor docker is on the path \"/nowhere\"; install one of them"),
                "\(told)"
            )
        }
    }

    @Test func `an image is run by the engine that is there, with the layout mounted`() throws {
        let directory = try TemporaryDirectory()
        let engine = try directory.write("#!/bin/sh\n", to: "bin/docker")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: engine)
        let file = try RecipeFile(Array(image.utf8), name: "boxed", directory: "/recipes/boxed", programs: [])
        let runner = try Runner(file, path: "/nowhere:\(directory.file("bin"))")
        let root = directory.file("root")
        try directory.write("", to: "root/input/data/train/interactions.csv")
        let training = try runner.training(
            ProgramTraining(recipe: "boxed", root: root, hyperparameters: ["depth": "3"], label: "films-1")
        )
        #expect(training.program == engine)
        let arguments = training.arguments
        #expect(
            arguments.prefix(7) == ["run", "--rm", "--init", "--name", "millrace-films-1", "--memory", "536870912"]
        )
        #expect(arguments.suffix(2) == ["registry.example/svd:1", "train"])
        for (flag, value) in [
            ("--volume", "\(root):/opt/ml"), ("--env", "SM_MODEL_DIR=/opt/ml/model"), ("--env", "SM_HP_DEPTH=3"),
            ("--env", "SM_CHANNEL_TRAIN=/opt/ml/input/data/train"), ("--env", "THREADS=2"),
        ] {
            #expect(zip(arguments, arguments.dropFirst()).contains { $0 == (flag, value) }, "\(flag) \(value)")
        }
        let serving = runner.serving("/models/films-1.program", port: 4711, root: root, label: "films-1")
        for (flag, value) in [
            ("--publish", "127.0.0.1:4711:8080"), ("--volume", "/models/films-1.program:/opt/ml/model:ro"),
            ("--env", "SAGEMAKER_BIND_TO_PORT=8080"),
        ] {
            #expect(
                zip(serving.arguments, serving.arguments.dropFirst()).contains { $0 == (flag, value) },
                "\(flag) \(value)"
            )
        }
        #expect(runner.removal(of: "films-1")?.arguments == ["rm", "--force", "millrace-films-1"])
    }
}
