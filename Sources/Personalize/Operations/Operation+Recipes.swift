internal import JSON
internal import Shapes

extension Operation {
    static let recipes: [Operation] = [
        .read("DescribeRecipe", .structure([.required("recipeArn", .arn)])) {
            service,
            input throws(PersonalizeError) in
            let arn = try input.required("recipeArn")
            if let custom = try service.customRecipe(arn) { return ["recipe": custom.description] }
            guard let entry = CatalogEntry.byARN[arn] else { throw .missing("Recipe", arn) }
            return ["recipe": entry.description]
        },
        .read(
            "ListRecipes",
            .page([.optional("recipeProvider", .oneOf("SERVICE")), .optional("domain", .domain)])
        ) { service, input throws(PersonalizeError) in
            let page = try Page(input, of: "recipes")
            let domain = input["domain"]?.string
            let entries = CatalogEntry.all.filter { domain == nil || $0.useCase?.domain.rawValue == domain }
            let custom = domain == nil ? service.programs?.recipes() ?? [] : []
            let rest = (entries.map(\.summary) + custom.map(\.summaryAnswer)).dropFirst(page.offset)
            let next = rest.count > page.size ? page.offset + page.size : nil
            return page.answer(Array(rest.prefix(page.size)), next: next)
        },
    ]
}
