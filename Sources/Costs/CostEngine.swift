/// Replaced by the first commit of its author.
package enum CostEnginePlace {}
