import Algebra
import MPC
import SecretSharing

/// Share translations from oblivious transfers: not on this branch.
extension ObliviousSession {
    func translation<R: Ring>(_ ring: R, _ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    {
        throw .local(step: "translation by oblivious transfers")
    }
}
