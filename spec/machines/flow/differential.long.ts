import { testLikeXState } from './testing/likeXstate.ts'

testLikeXState({ walks: 5000, transitions: 500, reached: 1000 })
