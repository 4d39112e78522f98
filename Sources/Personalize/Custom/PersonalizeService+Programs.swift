internal import JSON
internal import Logging

/// Serving campaigns of custom recipes.
extension PersonalizeService {
    /// Lets a program serve a version for a campaign; the one that served before ends when its questions are answered.
    ///
    /// - Parameters:
    ///   - arn: The campaign.
    ///   - version: The version.
    ///   - isWaiting: Whether the program must answer before it takes over.
    /// - Throws: Why it cannot be served; then all is as it was.
    func loadProgram(_ arn: String, _ version: Resource, isWaiting: Bool) async throws {
        let (recipe, programs) = try customRecipe(of: version)
        let serving = runtime.program(arn)
        guard serving?.versionArn != version.arn || serving?.recipe != recipe else { return }
        let label = "\(ARN.path(of: arn))-\(ARN.path(of: version.arn).split(separator: "/").last ?? "")"
        let program = programs.serve(recipe.name, model: files.programModel(of: version.arn), label: label)
        do {
            let campaign = ProgramCampaign(
                arn: arn,
                versionArn: version.arn,
                recipe: recipe,
                source: RecommendationID.Source(
                    version: version.sequence,
                    campaign: try await found(arn)?.sequence ?? 0
                ),
                program: program
            )
            if isWaiting { try await program.waitUntilReady() }
            runtime.install(campaign)
        } catch {
            program.retire()
            throw error
        }
    }

    /// Takes campaigns and trainings of custom recipes through their lives, each by itself: a program that takes its time
    /// holds up nothing else.
    func runPrograms(_ arns: AsyncStream<String>) async {
        await withDiscardingTaskGroup { group in
            for await arn in arns {
                group.addTask { await self.programGates.gate(of: arn).alone { await self.advance(arn) } }
            }
        }
    }

    /// Asks a campaign as SageMaker's runtime asks an endpoint.
    ///
    /// The program of a custom recipe gets the body as it is. A campaign of another recipe takes the request
    /// `GetRecommendations`, or with an `inputList` `GetPersonalizedRanking`, without the ARN.
    ///
    /// - Parameters:
    ///   - name: The campaign's name.
    ///   - question: What is asked.
    /// - Returns: The answer, whatever its status, and the name of the version that gave it.
    /// - Throws: `PersonalizeError` with `resourceNotFound`, with `invalidInput` for a request that a recipe of ours cannot
    ///   answer, with `serviceUnavailable` when the program does not answer.
    public func invokeEndpoint(
        _ name: String,
        _ question: ProgramMessage
    ) async throws(PersonalizeError) -> (answer: ProgramAnswer, version: String) {
        let arn = arns.of(.campaign, name)
        if runtime.program(arn) != nil {
            let (campaign, answer) = try await runtime.ask(arn, question)
            return (answer, String(ARN.path(of: campaign.versionArn)))
        }
        guard let version = runtime.servedVersion(arn) else { throw .missing("Campaign", arn) }
        var input: JSON
        do throws(JSONError) {
            input = try JSON(parsing: question.body)
        } catch {
            throw PersonalizeError(.invalidInput, "the request is not JSON: \(error)")
        }
        guard case .object = input else {
            throw PersonalizeError(.invalidInput, "the request must be a JSON object, as {\"userId\": \"1\"}")
        }
        input["campaignArn"] = .string(arn)
        let isRanking = input["inputList"] != nil
        let answer = try isRanking ? runtime.getPersonalizedRanking(input) : runtime.getRecommendations(input)
        return (ProgramAnswer(status: 200, message: .json(answer)), String(ARN.path(of: version)))
    }
}
