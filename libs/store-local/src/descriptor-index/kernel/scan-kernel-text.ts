import { COARSE_FUNCTIONS } from './coarse-kernel-text.ts'
import { addressOf, forHalves, forQuarters, forRows, quarters } from './wat-loops.ts'

/**
 * The inner loops of a scan, as WebAssembly text: `scan-kernel-bytes.ts` is what it assembles to, and a test sees to it
 * that they stay so. A chunk's memory holds the threads' scratch areas first (probe,
 * row numbers, scores; see `vector-layout.ts`) and then the rows: float32, each padded with zeros to a multiple
 * of 16 values, so that a row is a whole number of cache lines and the loops need no remainder.
 */
export const SCAN_KERNEL_WAT = `
(module
  (import "index" "memory" (memory 1 65536 shared))

  ;; Approximate cosines in float32, for screening: scores[i] = probe . row number rows[i] after $base, for
  ;; i < count, which is a multiple of 4. Four rows at a time, one from each quarter of the list: rows far apart are four streams to the
  ;; processor's prefetcher, which measured a third faster than one stream and twice as fast as four neighbors.
  ;; Two accumulators for each row hide the latency of the multiply-add. relaxed_madd may or may not round the
  ;; product, depending on the machine; screenError covers both.
  (func (export "score")
    (param $rows i32) (param $count i32) (param $probe i32) (param $scores i32)
    (param $base i32) (param $rowBytes i32)
    (local $quarter i32) (local $end i32) (local $at i32) (local $probeEnd i32) (local $p v128) (local $q v128)
    ${forRows((row) => `(local $row${row} i32) (local $x${row} v128) (local $y${row} v128)`)}
    (local.set $probeEnd (i32.add (local.get $probe) (local.get $rowBytes)))
    ;; A quarter of the list in bytes, of the list of addresses as well as of the scores.
    (local.set $quarter (local.get $count))
    (local.set $end (i32.add (local.get $rows) (local.get $quarter)))
    (loop $nextRows
      ${forRows((row, n) => addressOf(`$row${row}`, n))}
      ${forRows((row) => `(local.set $x${row} (v128.const f32x4 0 0 0 0)) (local.set $y${row} (v128.const f32x4 0 0 0 0))`)}
      (local.set $at (local.get $probe))
      (loop $next16
        ${forHalves(
          (half) => `
        (local.set $p (v128.load offset=${half} (local.get $at)))
        (local.set $q (v128.load offset=${half + 16} (local.get $at)))
        ${forRows(
          (row) => `
        (local.set $x${row}
          (f32x4.relaxed_madd (v128.load offset=${half} (local.get $row${row})) (local.get $p) (local.get $x${row})))
        (local.set $y${row}
          (f32x4.relaxed_madd (v128.load offset=${half + 16} (local.get $row${row})) (local.get $q) (local.get $y${row})))`,
        )}`,
        )}
        ${forRows((row) => `(local.set $row${row} (i32.add (local.get $row${row}) (i32.const 64)))`)}
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br_if $next16 (i32.lt_u (local.get $at) (local.get $probeEnd))))
      ${forRows(
        (row, n) => `
      (local.set $p (f32x4.add (local.get $x${row}) (local.get $y${row})))
      (f32.store (i32.add (local.get $scores) ${quarters(n)}) (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $p)) (f32x4.extract_lane 1 (local.get $p)))
        (f32.add (f32x4.extract_lane 2 (local.get $p)) (f32x4.extract_lane 3 (local.get $p)))))`,
      )}
      (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $nextRows (i32.lt_u (local.get $rows) (local.get $end)))))

  ;; The same for several probes, which lie one behind the other; their number is even. scores[p * count + i] belongs to
  ;; probe p. Four rows are read once and stay in the nearest cache while all probes pass by them, two at a time: eight
  ;; sums under way hide the latency of the multiply-add, and each row that is loaded is used twice.
  (func (export "scoreMany")
    (param $rows i32) (param $count i32) (param $probes i32) (param $probeCount i32) (param $scores i32)
    (param $base i32) (param $rowBytes i32)
    (local $quarter i32) (local $end i32) (local $at i32) (local $probeEnd i32) (local $pairs i32) (local $out i32)
    (local $p v128) (local $q v128) (local $r v128)
    ${forRows((row) => `(local $base${row} i32) (local $row${row} i32) (local $x${row} v128) (local $y${row} v128)`)}
    (local.set $quarter (local.get $count))
    (local.set $end (i32.add (local.get $rows) (local.get $quarter)))
    (loop $nextRows
      ${forRows((row, n) => addressOf(`$base${row}`, n))}
      (local.set $at (local.get $probes))
      (local.set $pairs (i32.shr_u (local.get $probeCount) (i32.const 1)))
      (local.set $out (local.get $scores))
      (loop $nextPair
        ${forRows((row) => `(local.set $row${row} (local.get $base${row}))`)}
        ${forRows((row) => `(local.set $x${row} (v128.const f32x4 0 0 0 0)) (local.set $y${row} (v128.const f32x4 0 0 0 0))`)}
        (local.set $probeEnd (i32.add (local.get $at) (local.get $rowBytes)))
        (loop $next16
          ${forQuarters(
            (part) => `
          (local.set $p (v128.load offset=${part} (local.get $at)))
          (local.set $q (v128.load offset=${part} (i32.add (local.get $at) (local.get $rowBytes))))
          ${forRows(
            (row) => `
          (local.set $r (v128.load offset=${part} (local.get $row${row})))
          (local.set $x${row} (f32x4.relaxed_madd (local.get $r) (local.get $p) (local.get $x${row})))
          (local.set $y${row} (f32x4.relaxed_madd (local.get $r) (local.get $q) (local.get $y${row})))`,
          )}`,
          )}
          ${forRows((row) => `(local.set $row${row} (i32.add (local.get $row${row}) (i32.const 64)))`)}
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $next16 (i32.lt_u (local.get $at) (local.get $probeEnd))))
        ${forRows((row, n) => storeSum(`$x${row}`, n))}
        (local.set $out (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
        ${forRows((row, n) => storeSum(`$y${row}`, n))}
        (local.set $out (i32.add (local.get $out) (i32.shl (local.get $count) (i32.const 2))))
        (local.set $at (i32.add (local.get $at) (local.get $rowBytes)))
        (local.set $pairs (i32.sub (local.get $pairs) (i32.const 1)))
        (br_if $nextPair (local.get $pairs)))
      (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $nextRows (i32.lt_u (local.get $rows) (local.get $end)))))

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
    (local.get $sum))
${COARSE_FUNCTIONS})
`

/** Stores the sum of the four lanes as the score of the row so many quarters further on. */
function storeSum(lanes: string, quarter: number): string {
  return `(f32.store (i32.add (local.get $out) ${quarters(quarter)}) (f32.add
          (f32.add (f32x4.extract_lane 0 (local.get ${lanes})) (f32x4.extract_lane 1 (local.get ${lanes})))
          (f32.add (f32x4.extract_lane 2 (local.get ${lanes})) (f32x4.extract_lane 3 (local.get ${lanes})))))`
}
