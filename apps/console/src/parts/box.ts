/** x, y, width, height in pixels of the picture. */
export type Box = readonly [number, number, number, number]

export function boxOf(roi: readonly number[]): Box {
  const [x = 0, y = 0, width = 0, height = 0] = roi
  return [x, y, width, height]
}
