CREATE TABLE `corpus_programs` (
	`folder` text NOT NULL,
	`position` integer NOT NULL,
	`hash` text NOT NULL,
	`file` text NOT NULL,
	`line` integer NOT NULL,
	`name` text NOT NULL,
	`program` text NOT NULL,
	PRIMARY KEY(`folder`, `position`)
);
--> statement-breakpoint
CREATE INDEX `corpus_programs_hash` ON `corpus_programs` (`hash`);