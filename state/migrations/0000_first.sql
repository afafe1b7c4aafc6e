CREATE TABLE `evaluation_items` (
	`id` text PRIMARY KEY NOT NULL,
	`step` integer NOT NULL,
	`made_in` integer NOT NULL,
	`suite` text NOT NULL,
	`kind` text NOT NULL,
	`mode` text NOT NULL,
	`item` integer NOT NULL,
	`verdict` text NOT NULL,
	`extracted` text,
	`detail` text,
	`input_hash` text NOT NULL,
	`scratch` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX `evaluation_items_step` ON `evaluation_items` (`step`);--> statement-breakpoint
CREATE INDEX `evaluation_items_made_in` ON `evaluation_items` (`made_in`);--> statement-breakpoint
CREATE TABLE `evaluations` (
	`suite` text NOT NULL,
	`step` integer NOT NULL,
	`made_in` integer NOT NULL,
	`kind` text NOT NULL,
	`mode` text NOT NULL,
	`items` integer NOT NULL,
	`correct` integer NOT NULL,
	`accuracy` real NOT NULL,
	`samples` integer DEFAULT 1 NOT NULL,
	`passed` integer DEFAULT 0 NOT NULL,
	`scratched` integer DEFAULT 0 NOT NULL,
	`cut` integer DEFAULT 0 NOT NULL,
	`deviation` real DEFAULT 0 NOT NULL,
	PRIMARY KEY(`suite`, `step`, `kind`, `mode`)
);
--> statement-breakpoint
CREATE TABLE `executions` (
	`id` text PRIMARY KEY NOT NULL,
	`step` integer NOT NULL,
	`rollout_id` text NOT NULL,
	`program` text NOT NULL,
	`input` text NOT NULL,
	`outcome` text NOT NULL,
	`output` text,
	`canonical` text,
	`error` text,
	`literal` integer NOT NULL,
	`input_canonical` text,
	`input_hash` text NOT NULL,
	`cpu_ms` real NOT NULL,
	`peak_memory_bytes` integer NOT NULL,
	CONSTRAINT "executions_outcome" CHECK("outcome" in ('returned', 'raised', 'timedOut', 'memoryExceeded', 'outputTooLong', 'nondeterministic', 'rejected', 'crashed', 'ungraded'))
);
--> statement-breakpoint
CREATE INDEX `executions_step` ON `executions` (`step`);--> statement-breakpoint
CREATE INDEX `executions_rollout` ON `executions` (`rollout_id`);--> statement-breakpoint
CREATE TABLE `grades` (
	`id` text PRIMARY KEY NOT NULL,
	`step` integer NOT NULL,
	`role` text NOT NULL,
	`kind` text NOT NULL,
	`parsed` text,
	`verdict` text NOT NULL,
	`reason` text,
	`success_rate` real,
	`learnability` real,
	`reward` real,
	`input_hash` text NOT NULL,
	CONSTRAINT "grades_verdict" CHECK("verdict" in ('correct', 'wrong', 'malformed', 'ungraded', 'accepted', 'duplicate', 'refused'))
);
--> statement-breakpoint
CREATE INDEX `grades_step` ON `grades` (`step`);--> statement-breakpoint
CREATE INDEX `grades_reward` ON `grades` (`role`,`reward`,`id`);--> statement-breakpoint
CREATE INDEX `grades_success` ON `grades` (`success_rate`,`id`) WHERE success_rate is not null;--> statement-breakpoint
CREATE TABLE `messages` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at_ms` real NOT NULL,
	`sender` text NOT NULL,
	`receiver` text NOT NULL,
	`type` text NOT NULL,
	`item_id` text,
	`body` text
);
--> statement-breakpoint
CREATE INDEX `messages_machines` ON `messages` (`sender`,`seq`) WHERE type = 'machine.changed';--> statement-breakpoint
CREATE TABLE `metrics` (
	`step` integer NOT NULL,
	`made_in` integer NOT NULL,
	`name` text NOT NULL,
	`value` real NOT NULL,
	PRIMARY KEY(`step`, `name`)
);
--> statement-breakpoint
CREATE INDEX `metrics_name` ON `metrics` (`name`,`step`);--> statement-breakpoint
CREATE INDEX `metrics_made_in` ON `metrics` (`made_in`);--> statement-breakpoint
CREATE TABLE `checkpoints` (
	`step` integer PRIMARY KEY NOT NULL,
	`path` text NOT NULL,
	`weights_hash` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `policies` (
	`version` integer PRIMARY KEY NOT NULL,
	`weights_hash` text NOT NULL,
	`parity_max` real NOT NULL,
	`parity_mean` real NOT NULL
);
--> statement-breakpoint
CREATE TABLE `prompts` (
	`hash` text PRIMARY KEY NOT NULL,
	`text` text NOT NULL,
	`ids` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rollouts` (
	`id` text PRIMARY KEY NOT NULL,
	`step` integer NOT NULL,
	`purpose` text NOT NULL,
	`role` text NOT NULL,
	`kind` text NOT NULL,
	`task_hash` text,
	`prompt_hash` text NOT NULL,
	`text` text NOT NULL,
	`ids` blob NOT NULL,
	`logprobs` blob NOT NULL,
	`finish_reason` text NOT NULL,
	`policy_version` integer NOT NULL,
	`seed` integer NOT NULL,
	`temperature` real NOT NULL,
	`input_hash` text NOT NULL,
	`sample_ms` real NOT NULL,
	CONSTRAINT "rollouts_kind" CHECK("kind" glob '[a-z]*' and "kind" not glob '*[^a-z0-9-]*'),
	CONSTRAINT "rollouts_role" CHECK("role" in ('proposer', 'solver')),
	CONSTRAINT "rollouts_purpose" CHECK("purpose" in ('seed', 'propose', 'estimate', 'solve', 'evaluate', 'probe'))
);
--> statement-breakpoint
CREATE INDEX `rollouts_step` ON `rollouts` (`step`);--> statement-breakpoint
CREATE INDEX `rollouts_task` ON `rollouts` (`task_hash`);--> statement-breakpoint
CREATE INDEX `rollouts_length` ON `rollouts` (length(logprobs),`id`);--> statement-breakpoint
CREATE TABLE `commands` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at_ms` integer NOT NULL,
	`process_pid` integer NOT NULL,
	`command` text NOT NULL,
	`detail` text
);
--> statement-breakpoint
CREATE TABLE `run` (
	`name` text PRIMARY KEY NOT NULL,
	`preset` text NOT NULL,
	`seed` integer NOT NULL,
	`config` text NOT NULL,
	`versions` text NOT NULL,
	`plugins` text DEFAULT '[]' NOT NULL,
	`kinds` text NOT NULL,
	`lineage` text,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `run_events` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at_ms` integer NOT NULL,
	`process_pid` integer NOT NULL,
	`event` text NOT NULL,
	`detail` text
);
--> statement-breakpoint
CREATE TABLE `digests` (
	`step` integer NOT NULL,
	`table_name` text NOT NULL,
	`rows` integer NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`step`, `table_name`)
);
--> statement-breakpoint
CREATE TABLE `steps` (
	`step` integer PRIMARY KEY NOT NULL,
	`policy_version` integer NOT NULL,
	`proposals` integer NOT NULL,
	`accepted` integer NOT NULL,
	`rollouts` integer NOT NULL,
	`executions` integer NOT NULL,
	`trained` integer NOT NULL,
	`wall_ms` real NOT NULL,
	`rolling_ms` real NOT NULL,
	`learner_ms` real NOT NULL,
	`evaluate_ms` real NOT NULL,
	`own_cpu_ms` real NOT NULL
);
--> statement-breakpoint
CREATE TABLE `suite_items` (
	`suite` text NOT NULL,
	`kind` text NOT NULL,
	`item` integer NOT NULL,
	`id` text NOT NULL,
	`program` text NOT NULL,
	`pairs` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`suite`, `kind`, `item`)
);
--> statement-breakpoint
CREATE TABLE `task_references` (
	`task_id` text NOT NULL,
	`position` integer NOT NULL,
	`reference_hash` text NOT NULL,
	PRIMARY KEY(`task_id`, `position`)
);
--> statement-breakpoint
CREATE INDEX `task_references_hash` ON `task_references` (`reference_hash`);--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`step` integer NOT NULL,
	`purpose` text NOT NULL,
	`kind` text NOT NULL,
	`verdict` text NOT NULL,
	`reason` text,
	`program` text,
	`normalized` text,
	`pairs` text NOT NULL,
	`message` text NOT NULL,
	`hash` text,
	`input_hash` text NOT NULL,
	CONSTRAINT "tasks_kind" CHECK("kind" glob '[a-z]*' and "kind" not glob '*[^a-z0-9-]*'),
	CONSTRAINT "tasks_verdict" CHECK("verdict" in ('accepted', 'duplicate', 'refused'))
);
--> statement-breakpoint
CREATE INDEX `tasks_buffer` ON `tasks` (`kind`,`verdict`,`id`);--> statement-breakpoint
CREATE INDEX `tasks_kind` ON `tasks` (`kind`,`id`);--> statement-breakpoint
CREATE INDEX `tasks_verdict` ON `tasks` (`verdict`,`id`);--> statement-breakpoint
CREATE INDEX `tasks_hash` ON `tasks` (`hash`);--> statement-breakpoint
CREATE INDEX `tasks_step` ON `tasks` (`step`);--> statement-breakpoint
CREATE TABLE `update_items` (
	`step` integer NOT NULL,
	`position` integer NOT NULL,
	`rollout_id` text NOT NULL,
	`advantage` real NOT NULL,
	`weight` real NOT NULL,
	`minibatch` integer NOT NULL,
	`spans` text,
	PRIMARY KEY(`step`, `position`)
);
--> statement-breakpoint
CREATE INDEX `update_items_rollout` ON `update_items` (`rollout_id`);--> statement-breakpoint
CREATE INDEX `update_items_advantage` ON `update_items` (`advantage`,`rollout_id`);--> statement-breakpoint
CREATE TABLE `updates` (
	`id` text PRIMARY KEY NOT NULL,
	`step` integer NOT NULL,
	`loss` real NOT NULL,
	`gradient_norm` real NOT NULL,
	`entropy` real NOT NULL,
	`mismatch_kl` real NOT NULL,
	`mismatch_k3` real NOT NULL,
	`clip_fraction` real NOT NULL,
	`sequences` integer NOT NULL,
	`tokens` integer NOT NULL,
	`skipped` text,
	`weights_hash` text NOT NULL,
	`layout` text NOT NULL,
	`input_hash` text NOT NULL,
	`update_seconds` real NOT NULL
);
