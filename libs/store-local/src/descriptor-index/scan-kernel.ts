/**
 * The inner loops of a scan, as WebAssembly text. A chunk's memory holds the threads' scratch areas first (probe,
 * row addresses, scores; see `vector-layout.ts`) and then the rows: float32, each padded with zeros to a multiple
 * of 16 values, so that a row is a whole number of cache lines and the loops need no remainder.
 */
export const SCAN_KERNEL_WAT = `
(module
  (import "index" "memory" (memory 1 65536 shared))

  ;; Approximate cosines in float32, for screening: scores[i] = probe . row at rows[i], for i < count (at least 1).
  ;; Four accumulators of four lanes hide the latency of the multiply-add; one row at a time reads memory in one
  ;; stream, which measured faster than two or four rows at once (those thrash the prefetcher).
  ;; relaxed_madd may or may not round the product, depending on the machine; SCREEN_ERROR covers both.
  (func (export "score")
    (param $rows i32) (param $count i32) (param $probe i32) (param $scores i32) (param $rowBytes i32)
    (local $row i32) (local $at i32) (local $probeEnd i32) (local $rowsEnd i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $probeEnd (i32.add (local.get $probe) (local.get $rowBytes)))
    (local.set $rowsEnd (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (loop $nextRow
      (local.set $row (i32.load (local.get $rows)))
      (local.set $at (local.get $probe))
      (local.set $a (v128.const f32x4 0 0 0 0))
      (local.set $b (v128.const f32x4 0 0 0 0))
      (local.set $c (v128.const f32x4 0 0 0 0))
      (local.set $d (v128.const f32x4 0 0 0 0))
      (loop $next16
        (local.set $a (f32x4.relaxed_madd
          (v128.load (local.get $row)) (v128.load (local.get $at)) (local.get $a)))
        (local.set $b (f32x4.relaxed_madd
          (v128.load offset=16 (local.get $row)) (v128.load offset=16 (local.get $at)) (local.get $b)))
        (local.set $c (f32x4.relaxed_madd
          (v128.load offset=32 (local.get $row)) (v128.load offset=32 (local.get $at)) (local.get $c)))
        (local.set $d (f32x4.relaxed_madd
          (v128.load offset=48 (local.get $row)) (v128.load offset=48 (local.get $at)) (local.get $d)))
        (local.set $row (i32.add (local.get $row) (i32.const 64)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br_if $next16 (i32.lt_u (local.get $at) (local.get $probeEnd))))
      (local.set $a (f32x4.add
        (f32x4.add (local.get $a) (local.get $b))
        (f32x4.add (local.get $c) (local.get $d))))
      (f32.store (local.get $scores) (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
        (f32.add (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a)))))
      (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $nextRow (i32.lt_u (local.get $rows) (local.get $rowsEnd)))))

  ;; The cosine that is compared and reported: products are exact in float64 and are summed from first to last, the
  ;; order of core's cosineBetween, so the answer is the same bit for bit, whatever machine, thread or chunk it is on.
  (func (export "cosine") (param $row i32) (param $probe i32) (param $rowBytes i32) (result f64)
    (local $sum f64) (local $probeEnd i32)
    (local.set $probeEnd (i32.add (local.get $probe) (local.get $rowBytes)))
    (loop $next
      (local.set $sum (f64.add (local.get $sum) (f64.mul
        (f64.promote_f32 (f32.load (local.get $row)))
        (f64.promote_f32 (f32.load (local.get $probe))))))
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (local.set $probe (i32.add (local.get $probe) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $probe) (local.get $probeEnd))))
    (local.get $sum)))
`

/** What the assembled kernel exports; all positions are byte addresses in the chunk's memory. */
export interface ScanKernel {
  score(rows: number, count: number, probe: number, scores: number, rowBytes: number): void
  cosine(row: number, probe: number, rowBytes: number): number
}

/** Unit length within this, so that a cosine is one; float32 normalization is a thousand times closer. */
export const NORM_TOLERANCE = 0.01

/**
 * Most that `score` can differ from the true cosine. A lane adds one product per 16 values, each product and each sum
 * rounds by at most 2^-24 of what it adds up to, and four more sums join the lanes; the absolute products add up to
 * at most the two norms (Cauchy-Schwarz), 1.01 each. Rounded up a little.
 */
export function screenError(rowFloats: number): number {
  return (rowFloats / 16 + 8) * 2 ** -24 * 1.05
}
