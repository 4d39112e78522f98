internal import Bucket
internal import DurableExecution
internal import FoundationEssentials
internal import JSON
internal import StatesLanguage

/// The objects of a bucket, as `listObjectsV2` shows them, in the order of their keys.
///
/// The list is that of the moment it is opened; after a restart it goes on behind the key it had come to.
struct ListedItems: ItemSource {
    private let bucket: Bucket
    let objects: [BucketObject]

    init(_ bucket: Bucket, prefix: String) throws {
        self.bucket = bucket
        objects = try bucket.list(prefix: prefix).objects
    }

    func read(after cursor: String?, limit: Int) throws -> ItemPage {
        let start = cursor.map { cursor in objects.partitioningIndex { $0.key > cursor } } ?? 0
        let end = min(start + limit, objects.count)
        let items = try objects[start..<end].map { object in
            ItemPage.Item(try item(object), cursor: object.key)
        }
        return ItemPage(items, isLast: end == objects.count)
    }

    private func item(_ object: BucketObject) throws -> JSON {
        [
            "Etag": .string("\"\(try bucket.describe(object.key).entityTag)\""), "Key": .string(object.key),
            "LastModified": JSON(Int(object.modifiedAt.timeIntervalSince1970)), "Size": JSON(object.size),
            "StorageClass": "STANDARD",
        ]
    }
}

extension Array {
    /// The first index whose element, and so all after it, fulfils a condition.
    fileprivate func partitioningIndex(where condition: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
