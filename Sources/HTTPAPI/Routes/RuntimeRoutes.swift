internal import JSON
public import Personalize

extension RESTRoute {
    /// Recommendations and rankings, answered from memory.
    ///
    /// The request goes to the campaign's model and its answer to the printer, with nothing between. Campaigns of custom
    /// recipes are answered by their programs, which takes a task.
    public static func runtime(_ runtime: PersonalizeRuntime) -> [RESTRoute] {
        [
            RESTRoute("/recommendations") { input in
                runtime.isForProgram(input) ? nil : try runtime.getRecommendationsText(input)
            } otherwise: { input in
                try await runtime.programRecommendations(input)
            },
            RESTRoute("/personalize-ranking") { input in
                runtime.isForProgram(input) ? nil : try runtime.getPersonalizedRanking(input).utf8
            } otherwise: { input in
                try await runtime.programRanking(input)
            },
            RESTRoute("/action-recommendations", atOnce: { input in try runtime.getActionRecommendations(input).utf8 }),
        ]
    }

    /// Events, items, users and actions as they come; each is on disk when it is answered.
    public static func puts(_ service: PersonalizeService) -> [RESTRoute] {
        [
            RESTRoute("/events") { input in try await service.putEvents(input) },
            RESTRoute("/items") { input in try await service.putItems(input) },
            RESTRoute("/users") { input in try await service.putUsers(input) },
            RESTRoute("/actions") { input in try await service.putActions(input) },
            RESTRoute("/action-interactions") { input in try await service.putActionInteractions(input) },
        ]
    }
}
