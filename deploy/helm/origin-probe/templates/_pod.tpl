{{/* The pod template of Deployment and StatefulSet. */}}
{{- define "origin-probe.pod" -}}
{{- $sharded := gt (int .Values.shards) 1 -}}
metadata:
  labels:
    {{- include "origin-probe.labels" . | nindent 4 }}
    {{- if not .Values.meshInjection }}
    sidecar.istio.io/inject: "false"
    istio.io/dataplane-mode: none
    kuma.io/sidecar-injection: disabled
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: origin-probe
    {{- if not .Values.meshInjection }}
    sidecar.istio.io/inject: "false"
    linkerd.io/inject: disabled
    consul.hashicorp.com/connect-inject: "false"
    {{- end }}
    {{- if and .Values.rollOnConfigChange (not (include "origin-probe.configExists" .)) }}
    checksum/config: {{ printf "%s%s" (include "origin-probe.config" .) (toYaml .Values.configExtraFiles) | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "origin-probe.serviceAccountName" . }}
  automountServiceAccountToken: {{ .Values.automountServiceAccountToken }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    {{- if not .labelSelector }}
    {{- $_ := set . "labelSelector" (dict "matchLabels" (include "origin-probe.selectorLabels" $ | fromYaml)) }}
    {{- end }}
    - {{- toYaml . | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: origin-probe
      image: {{ include "origin-probe.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - serve
        - --config=/etc/origin-probe/{{ .Values.configKey }}
        {{- with .Values.webConfig.existingSecretName }}
        - --web.config.file=/etc/origin-probe-web/{{ $.Values.webConfig.key }}
        {{- end }}
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or $sharded .Values.extraEnv }}
      env:
        {{- if $sharded }}
        - name: ORIGIN_PROBE_SHARD
          valueFrom:
            fieldRef:
              fieldPath: metadata.labels['apps.kubernetes.io/pod-index']
        - name: ORIGIN_PROBE_SHARDS
          value: {{ .Values.shards | quote }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: {{ .Values.containerPort }}
          protocol: TCP
      {{- with .Values.startupProbe }}
      startupProbe:
        {{- include "origin-probe.containerProbe" (dict "root" $ "probe" . "path" "/-/healthy") | nindent 8 }}
      {{- end }}
      livenessProbe:
        {{- include "origin-probe.containerProbe" (dict "root" . "probe" .Values.livenessProbe "path" "/-/healthy") | nindent 8 }}
      readinessProbe:
        {{- include "origin-probe.containerProbe" (dict "root" . "probe" .Values.readinessProbe "path" "/-/ready") | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: config
          mountPath: /etc/origin-probe
          readOnly: true
        {{- if .Values.webConfig.existingSecretName }}
        - name: web
          mountPath: /etc/origin-probe-web
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: config
      {{- if .Values.configExistingSecretName }}
      secret:
        secretName: {{ .Values.configExistingSecretName }}
      {{- else if .Values.configExistingConfigMapName }}
      configMap:
        name: {{ .Values.configExistingConfigMapName }}
      {{- else if .Values.secretConfig }}
      secret:
        secretName: {{ include "origin-probe.fullname" . }}
      {{- else }}
      configMap:
        name: {{ include "origin-probe.fullname" . }}
      {{- end }}
    {{- with .Values.webConfig.existingSecretName }}
    - name: web
      secret:
        secretName: {{ . }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
