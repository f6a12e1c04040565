import { FACT_BYTES } from '../memory/coarse-rows.ts'
import { forQuarters, forRows, quarters } from './wat-loops.ts'

/** Ways to shuffle words 0 to 3 of one vector and 4 to 7 of another: 0 4 1 5, 2 6 3 7, 0 1 4 5, 2 3 6 7. */
const FIRSTS = '0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23'
const HIGHS = '8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31'
const LOW_HALVES = '0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23'
const HIGH_HALVES = '8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31'

/**
 * The first look at a row, over its coarse copy (`memory/coarse-rows.ts`): whole numbers from -127 to 127, a byte each.
 * A coarse probe (`thread/coarse-probe.ts`) holds whole numbers from 1 to 127. The products of pairs then fit into 16 bits
 * on every machine, and relaxed_dot, whose second operand must be below 128, gives the exact sum: nothing is relaxed here
 * but the name. The one doubt left is what both copies leave out, and each row's `error` bounds that.
 *
 * A row is nominated if scale * (sum + bias) + error * reach >= least: then it may come up to the least cosine asked for.
 * The facts of a row are `scale`, `error` (float32) and `bias` (i32); they are read 16 bytes at a time. Bounds are
 * a record of 16 bytes for each probe: `reach`, `least` (float32), and how many rows were nominated (out).
 */
export const COARSE_FUNCTIONS = `
  ;; Writes to $out the places in the list of those rows that one probe nominates.
  (func (export "nominate")
    (param $rows i32) (param $count i32) (param $probe i32) (param $base i32) (param $rowBytes i32)
    (param $facts i32) (param $bounds i32) (param $out i32)
    (local $first i32) (local $quarter i32) (local $end i32) (local $at i32) (local $probeEnd i32) (local $begun i32)
    ${coarseLocals(['x'])}
    (local.set $ones (v128.const i16x8 1 1 1 1 1 1 1 1))
    (local.set $first (local.get $rows))
    (local.set $begun (local.get $out))
    (local.set $probeEnd (i32.add (local.get $probe) (local.get $rowBytes)))
    (local.set $quarter (local.get $count))
    (local.set $end (i32.add (local.get $rows) (local.get $quarter)))
    (loop $nextRows
      ${openRows()}
      ${forRows((row) => `(local.set $row${row} (local.get $base${row})) (local.set $x${row} (v128.const i32x4 0 0 0 0))`)}
      (local.set $at (local.get $probe))
      (loop $next64
        ${forQuarters(
          (part) => `
        (local.set $p (v128.load offset=${part} (local.get $at)))
        ${forRows((row) => addProducts(`$x${row}`, `(v128.load offset=${part} (local.get $row${row}))`, '$p'))}`,
        )}
        ${forRows((row) => `(local.set $row${row} (i32.add (local.get $row${row}) (i32.const 64)))`)}
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br_if $next64 (i32.lt_u (local.get $at) (local.get $probeEnd))))
      ${nominateFour('x', '$bounds', '$out')}
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $nextRows (i32.lt_u (local.get $rows) (local.get $end))))
    (i32.store offset=8 (local.get $bounds)
      (i32.shr_u (i32.sub (local.get $out) (local.get $begun)) (i32.const 2))))

  ;; The same for several probes, which lie one behind the other, as their bounds do; their number is even. Each has room
  ;; for $outBytes of places. Each row that is loaded is used twice, and the four stay in the nearest cache.
  (func (export "nominateMany")
    (param $rows i32) (param $count i32) (param $probes i32) (param $base i32) (param $rowBytes i32)
    (param $facts i32) (param $bounds i32) (param $out i32) (param $probeCount i32) (param $outBytes i32)
    (local $first i32) (local $quarter i32) (local $end i32) (local $at i32) (local $probeEnd i32) (local $r v128)
    (local $pairs i32) (local $bound i32) (local $list i32) (local $place i32)
    ${coarseLocals(['x', 'y'])}
    (local.set $ones (v128.const i16x8 1 1 1 1 1 1 1 1))
    (local.set $first (local.get $rows))
    (local.set $quarter (local.get $count))
    (local.set $end (i32.add (local.get $rows) (local.get $quarter)))
    (local.set $bound (local.get $bounds))
    (local.set $pairs (local.get $probeCount))
    (loop $nextBound
      (i32.store offset=8 (local.get $bound) (i32.const 0))
      (local.set $bound (i32.add (local.get $bound) (i32.const 16)))
      (local.set $pairs (i32.sub (local.get $pairs) (i32.const 1)))
      (br_if $nextBound (local.get $pairs)))
    (loop $nextRows
      ${openRows()}
      (local.set $at (local.get $probes))
      (local.set $bound (local.get $bounds))
      (local.set $list (local.get $out))
      (local.set $pairs (i32.shr_u (local.get $probeCount) (i32.const 1)))
      (loop $nextPair
        ${forRows((row) => `(local.set $row${row} (local.get $base${row}))`)}
        ${forRows((row) => `(local.set $x${row} (v128.const i32x4 0 0 0 0)) (local.set $y${row} (v128.const i32x4 0 0 0 0))`)}
        (local.set $probeEnd (i32.add (local.get $at) (local.get $rowBytes)))
        (loop $next64
          ${forQuarters(
            (part) => `
          (local.set $p (v128.load offset=${part} (local.get $at)))
          (local.set $q (v128.load offset=${part} (i32.add (local.get $at) (local.get $rowBytes))))
          ${forRows(
            (row) => `
          (local.set $r (v128.load offset=${part} (local.get $row${row})))
          ${addProducts(`$x${row}`, '(local.get $r)', '$p')}
          ${addProducts(`$y${row}`, '(local.get $r)', '$q')}`,
          )}`,
          )}
          ${forRows((row) => `(local.set $row${row} (i32.add (local.get $row${row}) (i32.const 64)))`)}
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $next64 (i32.lt_u (local.get $at) (local.get $probeEnd))))
        ${['x', 'y'].map(nominateForNext).join('')}
        (local.set $at (i32.add (local.get $at) (local.get $rowBytes)))
        (local.set $pairs (i32.sub (local.get $pairs) (i32.const 1)))
        (br_if $nextPair (local.get $pairs)))
      (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
      (br_if $nextRows (i32.lt_u (local.get $rows) (local.get $end)))))
`

function coarseLocals(sums: readonly string[]): string {
  return `(local $p v128) (local $q v128) (local $ones v128) (local $mask i32)
    (local $scale v128) (local $error v128) (local $bias v128)
    ${forRows((row) => `(local $base${row} i32) (local $row${row} i32) (local $fact${row} v128)`)}
    ${sums.map((sum) => forRows((row) => `(local $${sum}${row} v128)`)).join('\n    ')}`
}

/** Addresses of the next four rows, and their facts as vectors of four; spoils `$p` and `$q`. */
function openRows(): string {
  const lanes = (way: string, a: string, b: string): string =>
    `(i8x16.shuffle ${way} (local.get ${a}) (local.get ${b}))`
  return `
      ${forRows(
        (row, n) => `
      (local.set $base${row} (i32.load (i32.add (local.get $rows) ${quarters(n)})))
      (local.set $fact${row}
        (v128.load (i32.add (local.get $facts) (i32.mul (local.get $base${row}) (i32.const ${FACT_BYTES})))))
      (local.set $base${row}
        (i32.add (local.get $base) (i32.mul (local.get $rowBytes) (local.get $base${row}))))`,
      )}
      (local.set $scale ${lanes(FIRSTS, '$factA', '$factB')})
      (local.set $error ${lanes(FIRSTS, '$factC', '$factD')})
      (local.set $bias ${lanes(HIGHS, '$factA', '$factB')})
      (local.set $p ${lanes(HIGHS, '$factC', '$factD')})
      (local.set $q ${lanes(LOW_HALVES, '$scale', '$error')})
      (local.set $error ${lanes(HIGH_HALVES, '$scale', '$error')})
      (local.set $scale (local.get $q))
      (local.set $bias ${lanes(LOW_HALVES, '$bias', '$p')})`
}

/** Three instructions on x64; i32x4.relaxed_dot_i8x16_i7x16_add_s is five where V8 knows no VNNI, and nearly a tenth slower. */
function addProducts(sum: string, row: string, probe: string): string {
  return `(local.set ${sum} (i32x4.add (local.get ${sum}) (i32x4.dot_i16x8_s
          (i16x8.relaxed_dot_i8x16_i7x16_s ${row} (local.get ${probe})) (local.get $ones))))`
}

/** Of the four sums of four rows, those that pass have their places in the list added to `$out`. Spoils `$p` and `$q`. */
function nominateFour(sum: string, bound: string, out: string): string {
  const lanes = (way: string, a: string, b: string): string =>
    `(i8x16.shuffle ${way} (local.get ${a}) (local.get ${b}))`
  const [a, b, c, d] = ['A', 'B', 'C', 'D'].map((row) => `$${sum}${row}`) as [string, string, string, string]
  return `
      (local.set $p (i32x4.add ${lanes(FIRSTS, a, b)} ${lanes(HIGHS, a, b)}))
      (local.set $q (i32x4.add ${lanes(FIRSTS, c, d)} ${lanes(HIGHS, c, d)}))
      (local.set $p (i32x4.add ${lanes(LOW_HALVES, '$p', '$q')} ${lanes(HIGH_HALVES, '$p', '$q')}))
      (local.set $mask (i32x4.bitmask (f32x4.ge
        (f32x4.add
          (f32x4.mul (local.get $scale) (f32x4.convert_i32x4_s (i32x4.add (local.get $p) (local.get $bias))))
          (f32x4.mul (local.get $error) (v128.load32_splat (local.get ${bound}))))
        (v128.load32_splat offset=4 (local.get ${bound})))))
      (if (local.get $mask) (then
      ${forRows(
        (_, n) => `
        (if (i32.and (local.get $mask) (i32.const ${1 << n})) (then
          (i32.store (local.get ${out}) (i32.shr_u
            (i32.add (i32.sub (local.get $rows) (local.get $first)) ${quarters(n)}) (i32.const 2)))
          (local.set ${out} (i32.add (local.get ${out}) (i32.const 4)))))`,
      )}))`
}

/** Writes to the list of the next probe, whose count lies in its bounds, and goes on to the one after it. */
function nominateForNext(sum: string): string {
  return `
        (local.set $place (i32.add (local.get $list)
          (i32.shl (i32.load offset=8 (local.get $bound)) (i32.const 2))))
        ${nominateFour(sum, '$bound', '$place')}
        (i32.store offset=8 (local.get $bound)
          (i32.shr_u (i32.sub (local.get $place) (local.get $list)) (i32.const 2)))
        (local.set $bound (i32.add (local.get $bound) (i32.const 16)))
        (local.set $list (i32.add (local.get $list) (local.get $outBytes)))`
}
