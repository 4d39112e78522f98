internal import JSON
public import Personalize

extension RESTRoute {
    /// Recommendations and rankings, answered from memory.
    ///
    /// The request goes to the campaign's model and its answer to the printer, with nothing between.
    public static func runtime(_ runtime: PersonalizeRuntime) -> [RESTRoute] {
        [
            RESTRoute("/recommendations", atOnce: { input in try runtime.getRecommendationsText(input) }),
            RESTRoute("/personalize-ranking", atOnce: { input in try runtime.getPersonalizedRanking(input).utf8 }),
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
