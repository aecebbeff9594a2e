/** Billions of operations, for people. */
export function gigaflops(flops: number): string {
  return rounded(flops / 1e9);
}

/** Millions of bytes, for people. */
export function megabytes(bytes: number): string {
  return rounded(bytes / 1e6);
}

/** Three digits that count, but no more than three behind the point. */
function rounded(amount: number): string {
  if (amount === 0) return '0';
  return amount.toFixed(amount < 1 ? 3 : amount < 10 ? 2 : amount < 100 ? 1 : 0);
}

/** Columns under a header, numbers to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<readonly number[]>(
    (known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, cell.length)),
    [],
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      isNumeric(rows, column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n');
}

function isNumeric(rows: readonly (readonly string[])[], column: number): boolean {
  return rows.slice(1).every((row) => /^[\d.]*$/.test(row[column] ?? ''));
}
