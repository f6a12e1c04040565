/**
 * onnxruntime-node 1.30 reports to its maker: it looks up and connects to a collector, keeps a device id and a
 * database below ~/.cache, and a log in the temporary folder. It reads this variable from the environment of the
 * process as it is loaded, so this module comes before it. A worker thread's own copy of the environment never
 * gets there: threads that load the runtime are started with `SHARE_ENV`.
 */
// biome-ignore lint/style/noProcessEnv: read by the runtime's native code, which can be told in no other way
process.env.ORT_DISABLE_TELEMETRY = '1'
