/// What platforms tell each other: pure values and machines, no sockets, no clocks.
///
/// * ``Superior`` and ``SuperiorLink``: who is above us, and our registration there.
/// * ``SharedViewKeeper``: the catalog a superior sees, kept up to date change by change, with the codes it is shown
///   under in ``CodeMap``; ``SharedView`` is that catalog at one moment, and answers its queries.
/// * ``CatalogSync``: the other side of it, which keeps what we know of a lower platform equal to what it shares, by
///   notifications, by comparing ``CatalogDigest``s, and by asking for what differs.
/// * ``LinkBudget``: what a link to another level carries.
///
/// The shape and its reasons are in decision 0016.
public enum Federation {}
