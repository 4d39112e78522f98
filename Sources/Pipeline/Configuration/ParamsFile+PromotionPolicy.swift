internal import JSON
internal import Personalize

/// The promotion policy of a campaign: a key of ours beside those of the request that creates the campaign.
enum PromotionPolicyKey {
    static let name = "promotionPolicy"

    /// The request alone.
    static func without(_ campaign: JSON) -> JSON {
        var campaign = campaign
        if campaign.object != nil { campaign[name] = nil }
        return campaign
    }

    /// The policy of a campaign at a path, if it says one; every fault is collected.
    static func policy(of campaign: JSON?, at path: String, _ check: inout ConfigurationReader) -> JSON? {
        guard let policy = campaign?[name], !policy.isNull else { return nil }
        let place = ConfigurationReader.join(path, name)
        for fault in PromotionPolicy.read(policy).faults {
            check.refuse(fault.path.isEmpty ? place : ConfigurationReader.join(place, fault.path), fault.message)
        }
        return policy
    }
}
