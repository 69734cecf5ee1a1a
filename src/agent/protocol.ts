/** What the agent says to the controller and hears from it; the controller's room owns the shapes. */
export {
  type AgentReport,
  type ChangeAnswer,
  changesPath,
  type FeedIdentity,
  feedPath,
  feedProtocol,
  longestWaitMs,
  type ReportAnswer,
  reportPath,
  type TenantReport,
} from '../controller/agent-protocol.ts';
