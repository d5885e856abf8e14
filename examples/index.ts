/** The case studies, in the order in which to read them. */
import type { CaseStudy } from './caseStudy.ts'
import { mobileClient } from './mobile-client/study.ts'
import { onDemand } from './on-demand/study.ts'
import { partitionedStore } from './partitioned-store/study.ts'
import { replicatedWeb } from './replicated-web/study.ts'

export const caseStudies: readonly CaseStudy[] = [mobileClient, replicatedWeb, partitionedStore, onDemand]
