import JSON
import Testing

@testable import HTTPAPI

@Suite struct QueryTablesTests {
    private let tables: QueryTables

    init() {
        var sns = OperationTable(service: "sns", protocol: .query)
        sns["Echo"] = { $0 }
        tables = QueryTables([sns, .sts(account: "123456789012")])
    }

    @Test(arguments: [
        ("Action=Echo&Version=2010-03-31&A=1&B=a+b%26", #"{"A":"1","B":"a b&"}"#),
        ("Action=Echo&L.member.1=x&L.member.2=y", #"{"L":["x","y"]}"#),
        ("Action=Echo&L.member.2=y&L.member.10=z&L.member.1=x", #"{"L":["x","y","z"]}"#),
        ("Action=Echo&M.entry.1.key=k&M.entry.1.value=v", #"{"M":{"k":"v"}}"#),
        (
            "Action=Echo&M.entry.1.Name=n&M.entry.1.Value.DataType=String&M.entry.1.Value.StringValue=s",
            #"{"M":{"n":{"DataType":"String","StringValue":"s"}}}"#
        ),
        ("Action=Echo&L.member.1.Id=1&L.member.1.Message=m", #"{"L":[{"Id":"1","Message":"m"}]}"#),
    ])
    func `a form is read as the members it stands for`(form: String, members: String) async throws {
        let call = try tables.find(form)
        #expect(try await call.handler(call.input) == JSON(parsing: members))
    }

    @Test(arguments: [
        ("A=1", "MissingParameter"), ("Action=Ech", "InvalidAction"),
        ("Action=Echo&Version=2011-06-15", "InvalidAction"),
        ("Action=Echo&.=1", "InvalidParameter"), ("Action=Echo&a.b.c.d.e.f.g.h.i.j.k.l.m=1", "InvalidParameter"),
        ("", "MissingParameter"),
    ])
    func `a form that asks for nothing is refused`(form: String, code: String) {
        #expect(#expect(throws: WireError.self) { try tables.find(form) }?.code == code)
    }

    @Test func `an answer is written with lists as members and maps as entries`() throws {
        let call = try tables.find("Action=Echo&Version=2010-03-31")
        let output: JSON = ["Topics": [["TopicArn": "a&b"]], "Attributes": ["Owner": "1"], "MessageId": "m"]
        #expect(
            String(decoding: tables.document(output, of: call, "r-1"), as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <EchoResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><EchoResult><Topics><member>\
                <TopicArn>a&amp;b</TopicArn></member></Topics><Attributes><entry><key>Owner</key><value>1</value></entry>\
                </Attributes><MessageId>m</MessageId></EchoResult><ResponseMetadata><RequestId>r-1</RequestId>\
                </ResponseMetadata></EchoResponse>
                """
        )
    }
}
