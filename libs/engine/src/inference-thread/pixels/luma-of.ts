/**
 * Brightness by ITU-R BT.601, as in JPEG, 0..255.
 * @param planes RGB 0..255, plane by plane, `area` values each
 */
export function lumaOf(planes: Float32Array, area: number): Float32Array<ArrayBuffer> {
  const luma = new Float32Array(area)
  for (let at = 0; at < area; at++)
    luma[at] =
      0.299 * (planes[at] ?? 0) + 0.587 * (planes[at + area] ?? 0) + 0.114 * (planes[at + 2 * area] ?? 0)
  return luma
}
