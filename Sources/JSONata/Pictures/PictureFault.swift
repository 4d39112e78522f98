/// What is wrong with a picture, or with a text read by one: the code of the error, and the fact.
struct PictureFault: Error {
    let code: String
    let fact: String

    init(_ code: String, _ fact: String) {
        self.code = code
        self.fact = fact
    }
}
