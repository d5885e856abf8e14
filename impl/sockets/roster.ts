import { must } from '../../checker/text/at.ts'
/**
 * Who is there, in no order. A Set would do, but for those who come and go by the thousand: each time that its table is
 * made anew V8 leaves a link to the new one in the old one, so that all who ever passed stay until a full collection.
 */
export class Roster<Member extends object> {
  readonly #members: Member[] = []
  /** Under this each member has its place; -1: it is not there any more. */
  readonly #place = Symbol('place')

  get size(): number {
    return this.#members.length
  }

  add(member: Member): void {
    if (this.#placeOf(member) < 0) this.#put(member, this.#members.push(member) - 1)
  }

  delete(member: Member): void {
    const place = this.#placeOf(member)
    if (place < 0) return
    this.#put(member, -1)
    const last = must(this.#members.pop())
    if (last === member) return
    this.#members[place] = last
    this.#put(last, place)
  }

  /** Those of now: who comes or goes meanwhile makes no difference. */
  [Symbol.iterator](): Iterator<Member> {
    return this.#members.slice().values()
  }

  #placeOf(member: Member): number {
    return (member as Record<symbol, number | undefined>)[this.#place] ?? -1
  }

  #put(member: Member, place: number): void {
    ;(member as Record<symbol, number>)[this.#place] = place
  }
}
