import Networking

/// What a frame of a session is: its opcode.
package enum Message: UInt16, Sendable {
    case agreement = 0x100
    case agreementEcho
    case broadcast
    case openShare
    case openSum
    case releaseShare
    case dealRequest
    case dealCorrection
    case inputShare
    case reshare
    case openDigest
    case pairProduct
    case shuffleHop
    case permutation
    case maskedRows
    case rearrangement
    case baseKey
    case basePoints
    case otTrees
    case otColumns
    case otCheckKey
    case otCheck
    case otPayload
    case leafChoice
    case leafTable
    case ledger

    var opcode: Opcode { Opcode(rawValue: rawValue) }
}
