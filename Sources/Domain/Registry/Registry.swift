// What is in the network: devices, the channels of their catalogs, and how they
// hang together.
//
// `Device` and `Channel` are the records; `RegistryStore` is where they survive
// a restart, with the `QuarantinedDevice`s that wait for a person. `Directory`
// holds all of them in memory and answers every question: `ChannelQuery` and
// `DeviceQuery` with pages, `TreeView` with trees. `CatalogChange` is what a new
// catalog does to what was known, `DeviceImport` what a spreadsheet does.
