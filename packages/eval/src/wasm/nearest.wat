;; The bank rows that come first by similarity to each query. Rows are given twice: as 16-bit fixed point, which finds
;; `length` candidates a query at twice the speed of float32, and as float32, by which these are then weighed. Threads that
;; share the memory take blocks of queries in turns.
(module
  (import "env" "memory" MEMORY)

  (global $blockRows i32 (i32.const 64))
  (global $chunkRows i32 (i32.const 256))

  ;; into ← the sum of the four lanes
  (func $sum (param $lanes v128) (result i32)
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $lanes)) (i32x4.extract_lane 1 (local.get $lanes)))
      (i32.add (i32x4.extract_lane 2 (local.get $lanes)) (i32x4.extract_lane 3 (local.get $lanes)))))

  (func $store (param $at i32) (param $left v128) (param $right v128)
    (i32.store (local.get $at) (call $sum (local.get $left)))
    (i32.store offset=4 (local.get $at) (call $sum (local.get $right))))

  ;; scratch[i, j] = Σ_p a[i, p] · b[j, p] over int16 rows of `bytes` bytes, in tiles of four rows of a by two of b.
  ;; a has $blockRows rows, b an even number; scratch has $chunkRows columns.
  (func $products (param $a i32) (param $b i32) (param $bRows i32) (param $bytes i32) (param $scratch i32)
    (local $aEnd i32) (local $bEnd i32) (local $end i32) (local $tileBytes i32) (local $tile i32)
    (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $a3 i32) (local $b0 i32) (local $b1 i32)
    (local $left v128) (local $right v128) (local $row v128)
    (local $left0 v128) (local $left1 v128) (local $left2 v128) (local $left3 v128)
    (local $right0 v128) (local $right1 v128) (local $right2 v128) (local $right3 v128)
    (local.set $tileBytes (i32.shl (global.get $chunkRows) (i32.const 2)))
    (local.set $aEnd (i32.add (local.get $a) (i32.mul (global.get $blockRows) (local.get $bytes))))
    (local.set $bEnd (i32.add (local.get $b) (i32.mul (local.get $bRows) (local.get $bytes))))
    (loop $pairsOfB
      (local.set $a0 (local.get $a))
      (local.set $tile (local.get $scratch))
      (loop $foursOfA
        (local.set $a1 (i32.add (local.get $a0) (local.get $bytes)))
        (local.set $a2 (i32.add (local.get $a1) (local.get $bytes)))
        (local.set $a3 (i32.add (local.get $a2) (local.get $bytes)))
        (local.set $b0 (local.get $b))
        (local.set $b1 (i32.add (local.get $b0) (local.get $bytes)))
        (local.set $end (local.get $a1))
        (local.set $left0 (v128.const i32x4 0 0 0 0)) (local.set $right0 (v128.const i32x4 0 0 0 0))
        (local.set $left1 (v128.const i32x4 0 0 0 0)) (local.set $right1 (v128.const i32x4 0 0 0 0))
        (local.set $left2 (v128.const i32x4 0 0 0 0)) (local.set $right2 (v128.const i32x4 0 0 0 0))
        (local.set $left3 (v128.const i32x4 0 0 0 0)) (local.set $right3 (v128.const i32x4 0 0 0 0))
        (loop $dimensions
          (local.set $left (v128.load (local.get $b0)))
          (local.set $right (v128.load (local.get $b1)))
          (local.set $row (v128.load (local.get $a0)))
          (local.set $left0 (i32x4.add (local.get $left0) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right0 (i32x4.add (local.get $right0) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load (local.get $a1)))
          (local.set $left1 (i32x4.add (local.get $left1) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right1 (i32x4.add (local.get $right1) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load (local.get $a2)))
          (local.set $left2 (i32x4.add (local.get $left2) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right2 (i32x4.add (local.get $right2) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $row (v128.load (local.get $a3)))
          (local.set $left3 (i32x4.add (local.get $left3) (i32x4.dot_i16x8_s (local.get $row) (local.get $left))))
          (local.set $right3 (i32x4.add (local.get $right3) (i32x4.dot_i16x8_s (local.get $row) (local.get $right))))
          (local.set $a1 (i32.add (local.get $a1) (i32.const 16)))
          (local.set $a2 (i32.add (local.get $a2) (i32.const 16)))
          (local.set $a3 (i32.add (local.get $a3) (i32.const 16)))
          (local.set $b0 (i32.add (local.get $b0) (i32.const 16)))
          (local.set $b1 (i32.add (local.get $b1) (i32.const 16)))
          (br_if $dimensions
            (i32.lt_u (local.tee $a0 (i32.add (local.get $a0) (i32.const 16))) (local.get $end))))
        (call $store (local.get $tile) (local.get $left0) (local.get $right0))
        (local.set $tile (i32.add (local.get $tile) (local.get $tileBytes)))
        (call $store (local.get $tile) (local.get $left1) (local.get $right1))
        (local.set $tile (i32.add (local.get $tile) (local.get $tileBytes)))
        (call $store (local.get $tile) (local.get $left2) (local.get $right2))
        (local.set $tile (i32.add (local.get $tile) (local.get $tileBytes)))
        (call $store (local.get $tile) (local.get $left3) (local.get $right3))
        (local.set $tile (i32.add (local.get $tile) (local.get $tileBytes)))
        (br_if $foursOfA (i32.lt_u (local.tee $a0 (local.get $a3)) (local.get $aEnd))))
      (local.set $scratch (i32.add (local.get $scratch) (i32.const 8)))
      (br_if $pairsOfB
        (i32.lt_u
          (local.tee $b (i32.add (local.get $b) (i32.shl (local.get $bytes) (i32.const 1))))
          (local.get $bEnd)))))

  ;; Puts a row into a list kept sorted, largest similarity first, earlier rows before later ones; the last falls out.
  (func $insert (param $list i32) (param $length i32) (param $similarity i32) (param $row i32)
    (local $place i32) (local $rowsAt i32) (local $before i32)
    (local.set $rowsAt (i32.shl (local.get $length) (i32.const 2)))
    (local.set $place (i32.add (local.get $list) (i32.shl (i32.sub (local.get $length) (i32.const 1)) (i32.const 2))))
    (block $found
      (loop $shift
        (br_if $found (i32.le_u (local.get $place) (local.get $list)))
        (local.set $before (i32.sub (local.get $place) (i32.const 4)))
        (br_if $found (i32.ge_s (i32.load (local.get $before)) (local.get $similarity)))
        (i32.store (local.get $place) (i32.load (local.get $before)))
        (i32.store
          (i32.add (local.get $place) (local.get $rowsAt))
          (i32.load (i32.add (local.get $before) (local.get $rowsAt))))
        (local.set $place (local.get $before))
        (br $shift)))
    (i32.store (local.get $place) (local.get $similarity))
    (i32.store (i32.add (local.get $place) (local.get $rowsAt)) (local.get $row)))

  ;; Offers `count` similarities, those of the bank's rows from `row` on, to a list. Reads them four at a time.
  (func $offer (param $similarities i32) (param $count i32) (param $row i32) (param $list i32) (param $length i32)
    (local $last i32) (local $at i32) (local $inFour i32) (local $four v128) (local $threshold v128) (local $lane i32)
    (local.set $last (i32.add (local.get $list) (i32.shl (i32.sub (local.get $length) (i32.const 1)) (i32.const 2))))
    (local.set $threshold (i32x4.splat (i32.load (local.get $last))))
    (loop $fours
      (local.set $four
        (i32x4.gt_s
          (v128.load (i32.add (local.get $similarities) (i32.shl (local.get $at) (i32.const 2))))
          (local.get $threshold)))
      (if (v128.any_true (local.get $four))
        (then
          (local.set $inFour (i32.const 0))
          (loop $each
            (if (i32.lt_u (i32.add (local.get $at) (local.get $inFour)) (local.get $count))
              (then
                (local.set $lane
                  (i32.load
                    (i32.add
                      (local.get $similarities)
                      (i32.shl (i32.add (local.get $at) (local.get $inFour)) (i32.const 2)))))
                (if (i32.gt_s (local.get $lane) (i32.load (local.get $last)))
                  (then
                    (call $insert
                      (local.get $list) (local.get $length) (local.get $lane)
                      (i32.add (local.get $row) (i32.add (local.get $at) (local.get $inFour))))))))
            (br_if $each
              (i32.lt_u (local.tee $inFour (i32.add (local.get $inFour) (i32.const 1))) (i32.const 4))))
          (local.set $threshold (i32x4.splat (i32.load (local.get $last))))))
      (br_if $fours
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $count)))))

  ;; Replaces a list's similarities by those in float32, summed as dotProducts.wat sums them; `floatBytes` a row.
  (func $weigh (param $query i32) (param $bank i32) (param $floatBytes i32) (param $list i32) (param $length i32)
    (local $place i32) (local $at i32) (local $row i32) (local $sum v128)
    (loop $candidates
      (local.set $row
        (i32.add
          (local.get $bank)
          (i32.mul
            (local.get $floatBytes)
            (i32.load
              (i32.add
                (local.get $list)
                (i32.shl (i32.add (local.get $length) (local.get $place)) (i32.const 2)))))))
      (local.set $sum (v128.const f32x4 0 0 0 0))
      (local.set $at (i32.const 0))
      (loop $dimensions
        (local.set $sum
          (f32x4.add
            (local.get $sum)
            (f32x4.mul
              (v128.load (i32.add (local.get $query) (local.get $at)))
              (v128.load (i32.add (local.get $row) (local.get $at))))))
        (br_if $dimensions
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $floatBytes))))
      (f32.store
        (i32.add (local.get $list) (i32.shl (local.get $place) (i32.const 2)))
        (f32.add
          (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
          (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))
      (br_if $candidates
        (i32.lt_u (local.tee $place (i32.add (local.get $place) (i32.const 1))) (local.get $length)))))

  ;; Scales the float32 rows from $first on to length 1, in place, and writes them in fixed point, too; both have padding of
  ;; zeros. At errors, how far each row is from its fixed point, in float32. The arithmetic is that of unitRows.
  (func $prepareRows
    (param $float i32) (param $fixed i32) (param $errors i32) (param $bytes i32) (param $first i32) (param $end i32)
    (local $at i32) (local $row i32) (local $rowEnd i32) (local $value f64) (local $whole f64) (local $squares f64)
    (local $scale f64)
    (local.set $row (i32.add (local.get $float) (i32.mul (local.get $first) (i32.shl (local.get $bytes) (i32.const 1)))))
    (local.set $fixed (i32.add (local.get $fixed) (i32.mul (local.get $first) (local.get $bytes))))
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $first) (local.get $end)))
        (local.set $rowEnd (i32.add (local.get $row) (i32.shl (local.get $bytes) (i32.const 1))))
        (local.set $squares (f64.const 0))
        (local.set $at (local.get $row))
        (loop $norm
          (local.set $value (f64.promote_f32 (f32.load (local.get $at))))
          (local.set $squares (f64.add (local.get $squares) (f64.mul (local.get $value) (local.get $value))))
          (br_if $norm
            (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $rowEnd))))
        (local.set $scale
          (select
            (f64.div (f64.const 1) (f64.sqrt (local.get $squares)))
            (f64.const 0)
            (f64.gt (local.get $squares) (f64.const 0))))
        (local.set $squares (f64.const 0))
        (local.set $at (local.get $row))
        (loop $write
          (f32.store
            (local.get $at)
            (f32.demote_f64 (f64.mul (f64.promote_f32 (f32.load (local.get $at))) (local.get $scale))))
          (local.set $value (f64.mul (f64.promote_f32 (f32.load (local.get $at))) (f64.const 32767)))
          (local.set $whole (f64.nearest (local.get $value)))
          (i32.store16 (local.get $fixed) (i32.trunc_sat_f64_s (local.get $whole)))
          (local.set $value (f64.sub (local.get $value) (local.get $whole)))
          (local.set $squares (f64.add (local.get $squares) (f64.mul (local.get $value) (local.get $value))))
          (local.set $fixed (i32.add (local.get $fixed) (i32.const 2)))
          (br_if $write
            (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $rowEnd))))
        (f32.store
          (i32.add (local.get $errors) (i32.shl (local.get $first) (i32.const 2)))
          (f32.demote_f64 (f64.div (f64.sqrt (local.get $squares)) (f64.const 32767))))
        (local.set $row (local.get $rowEnd))
        (local.set $first (i32.add (local.get $first) (i32.const 1)))
        (br $rows))))

  ;; Takes chunks of rows by the counter at `taken` until none is left, prepares them, and counts them at `done`.
  (func (export "prepare")
    (param $float i32) (param $fixed i32) (param $errors i32) (param $bytes i32) (param $chunks i32) (param $count i32)
    (param $taken i32) (param $done i32)
    (local $chunk i32) (local $end i32)
    (block $none
      (loop $next
        (br_if $none
          (i32.ge_u
            (local.tee $chunk (i32.atomic.rmw.add (local.get $taken) (i32.const 1)))
            (local.get $chunks)))
        (local.set $end (i32.mul (i32.add (local.get $chunk) (i32.const 1)) (global.get $chunkRows)))
        (if (i32.gt_u (local.get $end) (local.get $count)) (then (local.set $end (local.get $count))))
        (call $prepareRows
          (local.get $float) (local.get $fixed) (local.get $errors) (local.get $bytes)
          (i32.mul (local.get $chunk) (global.get $chunkRows)) (local.get $end))
        (drop (i32.atomic.rmw.add (local.get $done) (i32.const 1)))
        (br $next))))

  ;; Takes blocks of queries by the counter at `taken` until none is left, and counts them at `done`. The list of a query
  ;; is `length` similarities, `length` rows, and the smallest fixed-point similarity that found place.
  ;; Rows have `bytes` bytes in fixed point, a multiple of 16, and twice as many in float32. Queries are padded to whole
  ;; blocks, the bank to an even number of rows; bankCount is at least `length`. scratch holds 64 × 256 numbers.
  (func (export "nearest")
    (param $queries i32) (param $bank i32) (param $floatQueries i32) (param $floatBank i32) (param $bytes i32)
    (param $blocks i32) (param $bankCount i32) (param $lists i32) (param $length i32) (param $scratch i32)
    (param $taken i32) (param $done i32)
    (local $block i32) (local $first i32) (local $query i32) (local $count i32) (local $listBytes i32) (local $list i32)
    (local $slot i32)
    (local.set $listBytes (i32.add (i32.shl (local.get $length) (i32.const 3)) (i32.const 4)))
    (block $end
      (loop $next
        (br_if $end
          (i32.ge_u
            (local.tee $block (i32.atomic.rmw.add (local.get $taken) (i32.const 1)))
            (local.get $blocks)))
        (local.set $first (i32.mul (local.get $block) (global.get $blockRows)))
        (local.set $list (i32.add (local.get $lists) (i32.mul (local.get $first) (local.get $listBytes))))
        (local.set $query (i32.const 0))
        (loop $empty
          (local.set $slot (i32.const 0))
          (loop $slots
            (i32.store
              (i32.add (local.get $list) (i32.shl (local.get $slot) (i32.const 2))) (i32.const 0x80000000))
            (br_if $slots
              (i32.lt_u (local.tee $slot (i32.add (local.get $slot) (i32.const 1))) (local.get $length))))
          (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
          (br_if $empty
            (i32.lt_u (local.tee $query (i32.add (local.get $query) (i32.const 1))) (global.get $blockRows))))
        (call $search
          (i32.add (local.get $queries) (i32.mul (local.get $first) (local.get $bytes)))
          (local.get $bank) (local.get $bankCount) (local.get $bytes) (local.get $scratch)
          (i32.add (local.get $lists) (i32.mul (local.get $first) (local.get $listBytes)))
          (local.get $listBytes) (local.get $length))
        (local.set $list (i32.add (local.get $lists) (i32.mul (local.get $first) (local.get $listBytes))))
        (local.set $query (i32.const 0))
        (loop $weighed
          (i32.store
            (i32.add (local.get $list) (i32.shl (local.get $length) (i32.const 3)))
            (i32.load
              (i32.add (local.get $list) (i32.shl (i32.sub (local.get $length) (i32.const 1)) (i32.const 2)))))
          (call $weigh
            (i32.add
              (local.get $floatQueries)
              (i32.mul (i32.add (local.get $first) (local.get $query)) (i32.shl (local.get $bytes) (i32.const 1))))
            (local.get $floatBank) (i32.shl (local.get $bytes) (i32.const 1)) (local.get $list) (local.get $length))
          (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
          (br_if $weighed
            (i32.lt_u (local.tee $query (i32.add (local.get $query) (i32.const 1))) (global.get $blockRows))))
        (drop (i32.atomic.rmw.add (local.get $done) (i32.const 1)))
        (br $next))))

  ;; Offers the whole bank to the lists of one block of queries, a chunk that stays in cache at a time.
  (func $search
    (param $queries i32) (param $bank i32) (param $bankCount i32) (param $bytes i32) (param $scratch i32)
    (param $lists i32) (param $listBytes i32) (param $length i32)
    (local $row i32) (local $count i32) (local $query i32) (local $list i32) (local $similarities i32)
    (loop $chunks
      (local.set $count (i32.sub (local.get $bankCount) (local.get $row)))
      (if (i32.gt_u (local.get $count) (global.get $chunkRows)) (then (local.set $count (global.get $chunkRows))))
      (call $products
        (local.get $queries)
        (i32.add (local.get $bank) (i32.mul (local.get $row) (local.get $bytes)))
        (i32.and (i32.add (local.get $count) (i32.const 1)) (i32.const -2))
        (local.get $bytes) (local.get $scratch))
      (local.set $query (i32.const 0))
      (local.set $list (local.get $lists))
      (local.set $similarities (local.get $scratch))
      (loop $each
        (call $offer
          (local.get $similarities) (local.get $count) (local.get $row) (local.get $list) (local.get $length))
        (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
        (local.set $similarities (i32.add (local.get $similarities) (i32.shl (global.get $chunkRows) (i32.const 2))))
        (br_if $each
          (i32.lt_u (local.tee $query (i32.add (local.get $query) (i32.const 1))) (global.get $blockRows))))
      (br_if $chunks
        (i32.lt_u (local.tee $row (i32.add (local.get $row) (global.get $chunkRows))) (local.get $bankCount)))))
)
