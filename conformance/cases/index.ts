// Every case of the suite, in the order of the catalogue.

import type { Case } from '../engine/case.ts';
import { communityCases } from './rfc1997/communities.ts';
import { refreshCases } from './rfc2918/refresh.ts';
import { softResetCases } from './rfc2918/soft-reset.ts';
import { aggregationCases } from './rfc4271/aggregation.ts';
import { connectionCases } from './rfc4271/connections.ts';
import { decisionCases } from './rfc4271/decision.ts';
import { decisionModelCases } from './rfc4271/decision-model.ts';
import { framingCases } from './rfc4271/framing.ts';
import { fsmCases } from './rfc4271/fsm.ts';
import { headerCases } from './rfc4271/header.ts';
import { nextHopCases } from './rfc4271/next-hops.ts';
import { openCases } from './rfc4271/open.ts';
import { overlapCases } from './rfc4271/overlap.ts';
import { propagationCases } from './rfc4271/propagation.ts';
import { timerCases } from './rfc4271/timers.ts';
import { robustUpdateCases, updateCases } from './rfc4271/update.ts';
import { vpnCases } from './rfc4364/vpn-routes.ts';
import { clusterCases } from './rfc4456/clusters.ts';
import { reflectionCases } from './rfc4456/reflection.ts';
import { ceaseCases } from './rfc4486/cease.ts';
import { constrainCases } from './rfc4684/constrain.ts';
import { gracefulRestartCases } from './rfc4724/graceful-restart.ts';
import { restartingCases } from './rfc4724/restarting.ts';
import { extendedNextHopCases, multiprotocolCases } from './rfc4760/multiprotocol.ts';
import { transportSecurityCases } from './rfc5082/transport-security.ts';
import { outboundFilterCases } from './rfc5291/outbound-filters.ts';
import { capabilityCases, extendedOpenCases } from './rfc5492/capabilities.ts';
import { fourOctetCases } from './rfc6793/four-octet-as.ts';
import { cacheCases } from './rfc6811/cache.ts';
import { validationCases } from './rfc6811/validation.ts';
import { attributeCases } from './rfc7606/attributes.ts';
import { mpCases } from './rfc7606/mp-attributes.ts';
import { structureCases } from './rfc7606/structure.ts';
import { valueCases } from './rfc7606/values.ts';
import { monitoredRouteCases } from './rfc7854/routes.ts';
import { monitoringCases } from './rfc7854/sessions.ts';
import { addPathCases } from './rfc7911/add-path.ts';
import { notificationRestartCases } from './rfc8538/notifications.ts';
import { extendedMessageCases } from './rfc8654/extended-messages.ts';
import { shutdownCases } from './rfc9003/shutdown.ts';
import { roleCases } from './rfc9234/roles.ts';
import { bfdCases } from './rfc9384/bfd-down.ts';
import { longLivedCases } from './rfc9494/long-lived.ts';
import { incidentCases } from './robustness/incidents.ts';
import { loadCases } from './robustness/load.ts';
import { mutationCases } from './robustness/mutations.ts';
import { randomAttributeCases } from './robustness/random-attributes.ts';

export const allCases: readonly Case[] = [
  ...headerCases,
  ...framingCases,
  ...openCases,
  ...capabilityCases,
  ...extendedOpenCases,
  ...fsmCases,
  ...timerCases,
  ...connectionCases,
  ...structureCases,
  ...updateCases,
  ...robustUpdateCases,
  ...attributeCases,
  ...mpCases,
  ...valueCases,
  ...multiprotocolCases,
  ...extendedNextHopCases,
  ...propagationCases,
  ...overlapCases,
  ...nextHopCases,
  ...aggregationCases,
  ...decisionCases,
  ...decisionModelCases,
  ...reflectionCases,
  ...clusterCases,
  ...fourOctetCases,
  ...communityCases,
  ...refreshCases,
  ...softResetCases,
  ...outboundFilterCases,
  ...gracefulRestartCases,
  ...restartingCases,
  ...notificationRestartCases,
  ...longLivedCases,
  ...addPathCases,
  ...extendedMessageCases,
  ...roleCases,
  ...shutdownCases,
  ...transportSecurityCases,
  ...bfdCases,
  ...ceaseCases,
  ...vpnCases,
  ...constrainCases,
  ...validationCases,
  ...cacheCases,
  ...monitoringCases,
  ...monitoredRouteCases,
  ...incidentCases,
  ...randomAttributeCases,
  ...mutationCases,
  ...loadCases,
];
