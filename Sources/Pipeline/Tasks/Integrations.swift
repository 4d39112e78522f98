public import StatesLanguage

/// The services that Task states can ask in Millrace.
public enum Integrations {
    /// All of them, in the order in which they are listed; each has its handler in the service's task registry.
    public static let all = [
        HTTPTask.integration, PublishTask.integration, PutEventsTask.integration, S3Task.integration,
        S3Task.shortIntegration, StartExecutionTask.integration,
        StepFunctionsTask.integration, LambdaTask.integration, PersonalizeTask.integration,
        PersonalizeRuntimeTask.integration, EndpointTask.integration, MillraceTask.integration,
    ]

    /// What a definition may ask, for whoever checks one without a service.
    public static var catalogue: ResourceCatalogue { ResourceCatalogue(all, others: [LambdaTask.functionARNs]) }
}
