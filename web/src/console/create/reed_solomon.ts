/** Error correction of QR codes: remainders over GF(256) with the polynomial 0x11D. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

export function divisor(degree: number): number[] {
  const result: number[] = Array(degree - 1).fill(0).concat([1])
  let root = 1
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) result[j] = multiply(result[j]!, root) ^ (result[j + 1] ?? 0)
    root = multiply(root, 2)
  }
  return result
}

export function remainder(data: number[], by: number[]): number[] {
  const result: number[] = by.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ result.shift()!
    result.push(0)
    by.forEach((coefficient, i) => (result[i]! ^= multiply(coefficient, factor)))
  }
  return result
}
