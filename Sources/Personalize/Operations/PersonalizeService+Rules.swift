public import JSON

extension PersonalizeService {
    /// What an operation would refuse of an input of the right shape, so far as that can be told from the input alone:
    /// a recipe's hyperparameters, the form of a filter expression.
    ///
    /// - Parameters:
    ///   - input: The input.
    ///   - operation: The operation's name.
    /// - Returns: The message it would be refused with; `nil` when nothing is wrong or there are no such rules.
    public static func ruleFault(in input: JSON, of operation: String) -> String? {
        do throws(PersonalizeError) {
            switch operation {
            // What is to be known of a recipe of the user's is known where it is.
            case "CreateSolution" where input["recipeArn"]?.string.map(CustomRecipe.mayName) == true: break
            case "CreateSolution": try SolutionRules.check(input)
            case "CreateFilter": _ = try FilterExpression(parsing: try input.required("filterExpression"))
            default: break
            }
            return nil
        } catch {
            return error.message
        }
    }
}
