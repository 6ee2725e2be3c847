/** Exact, of decimal texts that are not negative: `0.1` and `0.2` are `0.3`. */
export function sumDecimals(values: readonly string[]): string {
  const places = Math.max(0, ...values.map((value) => digitsOf(value).length))
  const sum = values.reduce((total, value) => {
    const [whole = '0'] = value.split('.')
    return total + BigInt(whole + digitsOf(value).padEnd(places, '0'))
  }, 0n)
  const text = String(sum).padStart(places + 1, '0')
  const digits = text.slice(text.length - places).replace(/0+$/, '')
  const whole = text.slice(0, text.length - places)
  return places === 0 || digits === '' ? whole : `${whole}.${digits}`
}

function digitsOf(value: string): string {
  return value.split('.')[1] ?? ''
}
