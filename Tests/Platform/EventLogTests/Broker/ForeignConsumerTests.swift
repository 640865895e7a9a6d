import Contracts
import Encodings
import EventLog
import Foundation
import Kafka
import Testing

/// What a consumer that is not ours sees.
@Suite struct ForeignConsumerTests {
    @Test func `kcat reads CloudEvents from the topic`() async throws {
        let broker = try MockCluster(log: .silent)
        let pipeline = try Pipeline(brokers: broker.brokers, tenants: ["us-east-1_Ab"])
        try await pipeline.write(3, tenant: "us-east-1_Ab")
        #expect(try await pipeline.settles())
        let messages = try await Kcat.read(pipeline.topic, brokers: broker.brokers)
        #expect(messages.count >= 3)
        for message in messages {
            #expect(message.key == "us-east-1_Ab")
            #expect(
                message.headers.isSuperset(of: [
                    "content-type=application/protobuf", "ce_specversion=1.0", "ce_source=/strongroom/notes/us-east-1_Ab/0",
                    "ce_type=strongroom.note.write.v1", "ce_time=2023-11-14T22:13:20.000000Z", "ce_subject=note/01890a5d-ac96-774b-bcce-b302099a8057",
                    "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate=a=1",
                ]))
        }
        await pipeline.stop()
    }
}
