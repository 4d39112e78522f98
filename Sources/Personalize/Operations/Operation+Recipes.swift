internal import JSON
internal import Shapes

extension Operation {
    static let recipes: [Operation] = [
        .read("DescribeRecipe", .structure([.required("recipeArn", .arn)])) {
            service,
            input throws(PersonalizeError) in
            let arn = try input.required("recipeArn")
            guard let entry = CatalogEntry.byARN[arn] else { throw .missing("Recipe", arn) }
            return ["recipe": entry.description]
        },
        .read(
            "ListRecipes",
            .page([.optional("recipeProvider", .oneOf("SERVICE")), .optional("domain", .domain)])
        ) { _, input throws(PersonalizeError) in
            let page = try Page(input, of: "recipes")
            let domain = input["domain"]?.string
            let entries = CatalogEntry.all.filter { domain == nil || $0.useCase?.domain.rawValue == domain }
            let rest = entries.dropFirst(page.offset)
            let next = rest.count > page.size ? page.offset + page.size : nil
            return page.answer(rest.prefix(page.size).map(\.summary), next: next)
        },
    ]
}
