export interface BenchTenant {
  readonly id: string
  readonly storeId: string
  readonly chunks: number
}

/** One tenant has everything; of several, the first has a quarter and the others share the rest evenly. */
export function layOut(of: { readonly chunks: number; readonly tenants: number }): BenchTenant[] {
  const large = of.tenants === 1 ? of.chunks : Math.round(of.chunks / 4)
  const others = of.tenants - 1
  return Array.from({ length: of.tenants }, (_, place) => {
    const share = (of.chunks - large) / others
    const chunks = place === 0 ? large : Math.round(place * share) - Math.round((place - 1) * share)
    const number = String(place).padStart(4, '0')
    return { id: `ten_bench${number}`, storeId: `vs_bench${number}`, chunks }
  })
}
