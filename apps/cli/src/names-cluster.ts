/** Whether the environment names a cluster's servers; otherwise a command is about a data folder. */
export function namesCluster(): boolean {
  // biome-ignore lint/style/noProcessEnv: only asked for what there is; `withCluster` reads it
  const { SEMBLANCE_MONGO_URL, SEMBLANCE_MONGO_URL_FILE } = process.env
  return Boolean(SEMBLANCE_MONGO_URL) || Boolean(SEMBLANCE_MONGO_URL_FILE)
}
