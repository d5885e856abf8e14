import { must } from '../../checker/text/at.ts'
/** A place in pixels. */
export interface Point {
  readonly x: number
  readonly y: number
}

const CORNER_RADIUS = 7

/** An SVG path through the points, with rounded corners. */
export function roundedPath(points: readonly Point[]): string {
  const [start, ...rest] = points
  const parts = rest.map((point, index) => {
    const next = rest[index + 1]
    if (!next) return `L${at(point)}`
    return `L${at(towards(point, must(points[index])))} Q${at(point)} ${at(towards(point, next))}`
  })
  return [`M${at(must(start))}`, ...parts].join(' ')
}

/** A coordinate to a tenth of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function at({ x, y }: Point): string {
  return `${px(x)} ${px(y)}`
}

/** The point a corner's radius away from one point in the direction of another, and at most half way. */
function towards(point: Point, other: Point): Point {
  const distance = Math.hypot(other.x - point.x, other.y - point.y)
  const part = distance === 0 ? 0 : Math.min(CORNER_RADIUS, distance / 2) / distance
  return { x: point.x + (other.x - point.x) * part, y: point.y + (other.y - point.y) * part }
}
