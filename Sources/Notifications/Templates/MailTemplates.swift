internal import DurableFiles
internal import FoundationEssentials
internal import JSON
internal import Mustache

/// How mails are worded: a Mustache file a kind of notice, `execution.failed.mustache`, or one for several, such as
/// `execution.mustache`; a notice without one has the text it always had.
///
/// ```text
/// Subject: {{datasetGroup}} needs you
///
/// {{cause}}
/// {{#state}}It failed in {{state}}.{{/state}}
/// ```
///
/// The first line may be the subject. Names are the members of the notice's data, as webhooks get it, and `subject`,
/// `text`, `topic`, `id` and `time`. Values are written as they are: a mail is plain text.
public struct MailTemplates: Sendable {
    /// A template of a mail.
    struct Template: Sendable {
        let subject: MustacheTemplate?
        let body: MustacheTemplate
    }

    private let templates: [String: Template]
    private static let suffix = ".mustache"

    /// No templates.
    public init() { templates = [:] }

    /// Reads the templates of a directory; there are none where there is no directory.
    ///
    /// - Parameters:
    ///   - directory: Where the files lie; files of other names than `….mustache` are passed over.
    ///   - kinds: The kinds of notices there are, such as `execution.failed`.
    /// - Throws: `NotificationError` with `invalidParameter` and every fault: a file that is named like no kind, or one
    ///   that is no template, with line and column.
    public init(directory: String, kinds: [String]) throws(NotificationError) {
        var names: [String] = []
        do throws(FileError) {
            names = try DirectoryListing.names(in: directory).filter { $0.hasSuffix(Self.suffix) }.sorted()
        } catch {
            guard error.isMissing else { throw NotificationError(.internalError, "\(error)") }
        }
        let families = Set(kinds.compactMap { $0.split(separator: ".").first.map(String.init) })
        var templates: [String: Template] = [:]
        var faults: [String] = []
        for name in names {
            let kind = String(name.dropLast(Self.suffix.count))
            guard kinds.contains(kind) || families.contains(kind) else {
                let known = families.union(kinds).sorted().joined(separator: ", ")
                faults.append("\(directory)/\(name) is named like no kind of notice; the kinds are \(known)")
                continue
            }
            do throws(TemplateFault) {
                templates[kind] = try Self.template(at: "\(directory)/\(name)")
            } catch {
                faults.append(error.description)
            }
        }
        guard faults.isEmpty else {
            throw NotificationError(.invalidParameter, faults.joined(separator: "\n"))
        }
        self.templates = templates
    }

    private static func template(at path: String) throws(TemplateFault) -> Template {
        guard let bytes = try? contents(of: path), let text = String(validating: bytes, as: UTF8.self) else {
            throw TemplateFault(path, nil, "cannot be read as UTF-8")
        }
        let mark = "Subject:"
        guard text.hasPrefix(mark) else { return Template(subject: nil, body: try parse(text, path, firstLine: 1)) }
        let first = text.prefix { !$0.isNewline }
        var rest = text.dropFirst(first.count)
        var line = 1
        // The end of the subject's line, and the empty line that parts it from the text.
        while line < 3, let end = rest.first, end.isNewline {
            rest = rest.dropFirst()
            line += 1
        }
        let subject = first.dropFirst(mark.count).drop { $0 == " " }
        let offset = first.count - subject.count
        return Template(
            subject: try parse(String(subject), path, firstLine: 1, firstColumn: offset + 1),
            body: try parse(String(rest), path, firstLine: line)
        )
    }

    private static func contents(of path: String) throws(FileError) -> [UInt8] {
        var reader = try FileReader(path)
        var bytes: [UInt8] = []
        while try reader.read(appendingTo: &bytes, count: 1 << 16) > 0 {}
        return bytes
    }

    /// Parses a text whose values are not to be escaped.
    private static func parse(
        _ text: String,
        _ path: String,
        firstLine: Int,
        firstColumn: Int = 1
    ) throws(TemplateFault) -> MustacheTemplate {
        do {
            return try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}\n" + text)
        } catch let error as MustacheTemplate.ParserError {
            // The library counts the line before ours.
            let line = max(1, error.context.lineNumber - 1)
            let column = error.context.columnNumber + (line == 1 ? firstColumn - 1 : 0)
            throw TemplateFault(path, (line + firstLine - 1, column), fact(error.error))
        } catch {
            throw TemplateFault(path, nil, "\(error)")
        }
    }

    private static func fact(_ error: any Error) -> String {
        switch error as? MustacheTemplate.Error {
        case .sectionCloseNameIncorrect: "the section that ends here is not the one that was begun last"
        case .unfinishedName: "a tag is not closed, or its name has characters that names have not"
        case .expectedSectionEnd: "the text ends within a section; close it with {{/name}}"
        case .invalidSetDelimiter: "delimiters are set as {{=<% %>=}}"
        case .transformAppliedToInheritanceSection, .illegalTokenInsideInheritSection, .textInsideInheritSection:
            "parents are not for mails; write the text out"
        case .invalidConfigVariableSyntax, .unrecognisedConfigVariable: "{{% …}} sets nothing that is known"
        case nil: "a tag is not closed"
        }
    }

    /// The subject and the text of a mail; `nil` where no template is for its kind.
    func mail(of published: PublishedMessage, for endpoint: Endpoint) -> (subject: String?, text: String)? {
        let kind = published.message.payload?["type"]?.string ?? "notification"
        let family = kind.split(separator: ".").first.map(String.init) ?? kind
        guard let template = templates[kind] ?? templates[family] else { return nil }
        var values = (published.message.payload?.object ?? [:]).reduce(into: [String: Any]()) { values, member in
            values[member.key] = Self.value(member.value)
        }
        values["subject"] = published.message.subject ?? ""
        values["text"] = published.message.body(for: endpoint)
        values["topic"] = published.topicARN
        values["id"] = published.id
        values["time"] = published.publishedAt.ISO8601Format()
        return (template.subject?.render(values), template.body.render(values))
    }

    /// A value as the library looks into it; `nil` for null, which is as if it were not there.
    private static func value(_ json: JSON) -> Any? {
        switch json {
        case .null: nil
        case .bool(let value): value
        case .string(let text): text
        case .array(let values): values.compactMap(value)
        case .object(let members):
            members.reduce(into: [String: Any]()) { values, member in values[member.key] = value(member.value) }
        case .integer, .double, .decimal: json.text
        }
    }
}

/// What is wrong with a template.
struct TemplateFault: Error, CustomStringConvertible {
    let description: String

    init(_ path: String, _ place: (line: Int, column: Int)?, _ fact: String) {
        description = "\(path)\(place.map { ":\($0.line):\($0.column)" } ?? ""): \(fact)"
    }
}
