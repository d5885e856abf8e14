import { must } from '../../checker/text/at.ts'
/**
 * An unordered set of objects. Unlike a Set, it suits members that come and go by the thousand: whenever a Set's table
 * is rebuilt, V8 keeps a link from the old table to the new one, so past members stay in memory until a full
 * collection.
 */
export class Roster<Member extends object> {
  readonly #members: Member[] = []
  /** The property of each member that holds its index; -1 once it has been removed. */
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

  /** Iterates over the current members; later changes do not affect it. */
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
